"""The table of operations is adderc's, and the float executor computes what adderc's does."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from adder_tools import vocabulary
from adder_tools.graph import Graph, Node, execute
from adder_tools.vocabulary import OPERATIONS
from conftest import program
from networks import Activations, Various, settle
from safetensors import safe_open


def test_the_operations_of_adderc_are_known() -> None:
    listed = subprocess.run(
        [program("adderc"), "supported-ops"], capture_output=True, text=True, check=True).stdout
    names = [line for line in listed.splitlines() if line and not line.startswith(" ")]
    assert sorted(OPERATIONS) == sorted(names)


@pytest.mark.parametrize("network", [Various, Activations])
def test_float_outputs_are_those_of_adderc(
    network: type[torch.nn.Module], tmp_path: Path, pixels: np.ndarray[Any, Any], normalized: torch.Tensor,
    adderc: Callable[..., str],
) -> None:
    torch.manual_seed(4)
    model = settle(network(), normalized[:16])
    file, compiled = tmp_path / "net.safetensors", tmp_path / "net.adb"
    with pytest.warns(adder_tools.AdderWarning):  # The network gets byte/255 here.
        adder_tools.export(model, normalized[:2], file)
    adderc("compile", file, "-o", compiled, "-q")
    np.save(tmp_path / "images.npy", pixels[:4])
    adderc("verify", compiled, "--against", file, "--inputs", tmp_path / "images.npy",
           "--float-outputs", tmp_path / "floats.npy")
    with safe_open(file, "np") as tensors:
        document = json.loads(tensors.metadata()["adder.graph"])
        graph = Graph("net", document["inputs"], outputs=document["outputs"])
        graph.tensors = {name: tensors.get_tensor(name) for name in tensors.keys()}
    for node in document["nodes"]:
        fields = {key: node.pop(key) for key in ("name", "op", "inputs")}
        graph.nodes.append(Node(**fields, parameters=node.pop("parameters", {}), attributes=node))
    values = {name: value for _, name, value in execute(graph, [pixels[:4] / 255])}
    ours = np.concatenate([values[name].reshape(4, -1) for name in graph.outputs], axis=1)
    theirs = np.load(tmp_path / "floats.npy")
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()


@pytest.mark.parametrize("most", [1, 100, 1 << 24])
def test_layers_are_the_same_however_many_patches_are_laid_out(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(5)
    x, weight, bias = torch.randn(2, 4, 9, 7), torch.randn(6, 2, 3, 2), torch.randn(6)
    monkeypatch.setattr(vocabulary, "LARGEST_PATCHES", most)
    attributes = {"stride": [2, 1], "padding": [1, 0], "groups": 2}
    parameters = {"weight": weight.double().numpy(), "bias": bias.double().numpy()}
    found = OPERATIONS["conv2d"]([x.double().numpy()], attributes, parameters)
    expected = F.conv2d(x, weight, bias, (2, 1), (1, 0), groups=2)
    assert np.abs(found - expected.numpy()).max() < 1e-5
