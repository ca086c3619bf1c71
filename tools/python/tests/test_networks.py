"""Whole networks: exported, compiled without a hand-written file, and run as integers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import pytest
import torch
from conftest import MEAN, STD
from networks import Activations, PreActivation, ResNet20, Various, VGGSmall, settle
from torch import Tensor, nn


def flat(result: Any) -> list[Tensor]:
    """The tensors of what a module returns."""
    if isinstance(result, Tensor):
        return [result]
    items = result.values() if isinstance(result, dict) else result
    return [tensor for item in items for tensor in flat(item)]


# The last layer of ResNet-20, of random weights, reads mostly what images share, and batch norm
# subtracts it: with the published weights the error is .0009 of the deviation (docs/pipeline.md).
# Each of the ten functions behind one another of Activations errs by up to one and a half steps.
@pytest.mark.parametrize(
    ("network", "bound"),
    [
        (ResNet20, 0.0016), (VGGSmall, 0.001), (PreActivation, 0.001), (Various, 0.001),
        (Activations, 0.002),
    ],
)
def test_integers_of_16_bits_are_the_module(
    network: Callable[[], nn.Module], bound: float, tmp_path: Path, pixels: np.ndarray[Any, Any],
    normalized: Tensor, adderc: Callable[..., str], adderrun: Callable[..., Any],
) -> None:
    torch.manual_seed(3)
    model = settle(network(), normalized[:48])
    file, compiled = tmp_path / "net.safetensors", tmp_path / "net.adb"
    exported = adder_tools.export(model, normalized[:2], file, mean=MEAN, std=STD)
    assert exported.difference <= 1e-4

    np.save(tmp_path / "calibration.npy", pixels[:48])
    adderc("compile", file, "-o", compiled, "--bits", 16, "--calibrate",
           tmp_path / "calibration.npy")
    images = pixels[64:80]
    integers = adderrun(compiled, [("x", images)])
    runner = adder_tools.Model(compiled)
    assert runner(images[:2]).tobytes() == integers[:2].tobytes()

    with torch.no_grad():
        expected = flat(model(normalized[64:80]))
    start = 0
    for tensor, reference in zip(runner.outputs, expected, strict=True):
        count = int(np.prod(tensor.shape))
        real = (integers[:, start : start + count] - tensor.zero_point) * tensor.scale
        start += count
        reference = reference.reshape(len(images), -1).numpy()
        rmse = float(np.sqrt(np.mean((real - reference) ** 2)))
        assert rmse <= bound * reference.std(), f"{rmse / reference.std():.5f} of the deviation"
    assert start == integers.shape[1]
