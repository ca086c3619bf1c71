"""Whole networks: exported, compiled without a hand-written file, and run as integers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import pytest
import torch
from conftest import MEAN, STD
from networks import PreActivation, ResNet20, Various, VGGSmall, settle
from torch import Tensor, nn


def flat(result: Any) -> list[Tensor]:
    """The tensors of what a module returns."""
    if isinstance(result, Tensor):
        return [result]
    items = result.values() if isinstance(result, dict) else result
    return [tensor for item in items for tensor in flat(item)]


@pytest.mark.parametrize("network", [ResNet20, VGGSmall, PreActivation, Various])
def test_integers_of_16_bits_are_the_module(
    network: Callable[[], nn.Module], tmp_path: Path, pixels: np.ndarray[Any, Any],
    normalized: Tensor, adderc: Callable[..., str], adderrun: Callable[..., Any],
) -> None:
    torch.manual_seed(3)
    model = settle(network(), normalized[:128])
    file, compiled = tmp_path / "net.safetensors", tmp_path / "net.adb"
    exported = adder_tools.export(model, normalized[:2], file, mean=MEAN, std=STD)
    assert exported.difference <= 1e-4

    np.save(tmp_path / "calibration.npy", pixels[:128])
    adderc("compile", file, "-o", compiled, "--bits", 16, "--calibrate",
           tmp_path / "calibration.npy")
    images = pixels[128:]
    integers = adderrun(compiled, [("x", images)])
    runner = adder_tools.Model(compiled)
    if network is not ResNet20:  # Firmware's kernels take a while for it.
        assert runner(images[:16]).tobytes() == integers[:16].tobytes()

    with torch.no_grad():
        expected = flat(model(normalized[128:]))
    start = 0
    for tensor, reference in zip(runner.outputs, expected, strict=True):
        count = int(np.prod(tensor.shape))
        real = (integers[:, start : start + count] - tensor.zero_point) * tensor.scale
        start += count
        reference = reference.reshape(len(images), -1).numpy()
        rmse = float(np.sqrt(np.mean((real - reference) ** 2)))
        assert rmse <= 0.001 * reference.std(), f"{rmse / reference.std():.5f} of the deviation"
    assert start == integers.shape[1]
