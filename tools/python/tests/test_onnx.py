"""Networks by way of ONNX: adder layers as operators, the same model files, structures to look at."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from adder_tools.nn import Adder2d, AdderLinear, filter_norm
from conftest import MEAN, STD
from networks import (
    Adder2d as OtherAdder2d, GroupedAdder2d, PreActivation, ResNet20, Various, VGGSmall, settle)
from onnx_files import NEWEST, model
from torch import Tensor, nn

@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """torch.onnx.export writes adder layers, for one test."""
    monkeypatch.setattr(torch.onnx, "export", torch.onnx.export)
    adder_tools.register_onnx()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def written(module: nn.Module, example: Tensor, path: Path, **options: Any) -> onnx.ModelProto:
    """The file that torch.onnx.export writes, which onnx's checker takes."""
    options = {"dynamo": True, "verbose": False, **options}
    torch.onnx.export(module, (example,), path, **options)
    onnx.checker.check_model(path, full_check=True)
    return onnx.load(path)


def run(path: Path, *inputs: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """What onnxruntime gives."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {given.name: array for given, array in zip(session.get_inputs(), inputs)}
    return [np.asarray(result) for result in session.run(None, feeds)]


def kinds(made: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in made.graph.node]


@pytest.mark.parametrize("network", [ResNet20, VGGSmall, PreActivation, Various])
def test_a_network_by_way_of_onnx_gives_the_same_bytes(
    network: Callable[[], nn.Module], tmp_path: Path, normalized: Tensor,
    adderc: Callable[..., str],
) -> None:
    torch.manual_seed(3)
    module = settle(network(), normalized[:16])
    files = {name: tmp_path / name for name in ("direct", "by_onnx", "direct.adb", "by_onnx.adb")}
    options: dict[str, Any] = {"mean": MEAN, "std": STD, "name": "net"}
    adder_tools.export(module, normalized[:2], files["direct"], **options)
    # Unoptimized, as PyTorch else folds batch norm into convolutions, rounding to single precision.
    path = tmp_path / "net.onnx"
    made = written(module, normalized[:2], path, optimize=False)
    layers = sum(hasattr(layer, "adder") for layer in module.modules())
    assert kinds(made).count("Adder2d") == layers > 1
    imported = adder_tools.onnx.import_onnx(path, files["by_onnx"], **options)
    assert imported.compared_with == "onnxruntime"
    for name in ("direct", "by_onnx"):
        adderc("compile", files[name], "-o", files[f"{name}.adb"], "-q")
    assert files["direct.adb"].read_bytes() == files["by_onnx.adb"].read_bytes()


def test_an_optimized_file_gives_nearly_the_same_integers(
    tmp_path: Path, pixels: np.ndarray[Any, Any], normalized: Tensor, adderc: Callable[..., str],
    adderrun: Callable[..., Any],
) -> None:
    torch.manual_seed(3)
    module = settle(PreActivation(), normalized[:16])
    written(module, normalized[:2], tmp_path / "net.onnx")
    adder_tools.export(module, normalized[:2], tmp_path / "direct", mean=MEAN, std=STD)
    adder_tools.onnx.import_onnx(tmp_path / "net.onnx", tmp_path / "by_onnx", mean=MEAN, std=STD)
    results = []
    for name in ("direct", "by_onnx"):
        adderc("compile", tmp_path / name, "-o", tmp_path / f"{name}.adb", "-q")
        results.append(adderrun(tmp_path / f"{name}.adb", [("x", pixels[:32])]))
    assert np.abs(results[0] - results[1]).max() <= 1
    assert np.ptp(results[0]) > 100


class Small(nn.Module):
    """A convolution network of what both exporters write."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU6())
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.wide = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=4)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.stem(x))
        y = torch.cat([x, torch.relu(self.wide(x) * 0.5 - x)], 1)
        return self.fc(self.drop(y.mean((2, 3))))


@pytest.mark.parametrize(
    "options", [
        {"dynamo": False, "opset_version": 11},
        {"dynamo": False, "opset_version": 17, "dynamic_axes": {"x": {0: "n"}}, "input_names": ["x"]},
        {"dynamic_shapes": ({0: "batch"},)},
        {"opset_version": NEWEST - 1, "external_data": False},
    ])
def test_both_exporters_of_pytorch_are_read(
    options: dict[str, Any], tmp_path: Path, normalized: Tensor, adderc: Callable[..., str]
) -> None:
    torch.manual_seed(5)
    module = settle(Small(), normalized[:16])
    path = tmp_path / "net.onnx"
    written(module, normalized[:2], path, **options)
    imported = adder_tools.onnx.import_onnx(path, tmp_path / "net", mean=MEAN, std=STD)
    assert imported.compared_with == "onnxruntime"
    assert [node["op"] for node in imported.graph["nodes"] if node["op"] != "batch_norm"] == [
        "conv2d", "relu6", "max_pool", "conv2d", "affine", "affine", "add", "relu", "concat",
        "global_average_pool", "linear"]
    adderc("compile", tmp_path / "net", "-o", tmp_path / "net.adb", "-q")


class Layers(nn.Module):
    """Adder layers of ours and of others, with everything that they can have."""

    def __init__(self) -> None:
        super().__init__()
        self.ours = Adder2d(3, 8, (3, 2), (2, 1), (0, 1, 2, 3), (1, 2), groups=1, bias=True)
        self.grouped = Adder2d(8, 6, 3, padding=1, groups=2)
        self.other = OtherAdder2d(6, 4, 3, 2, 1, bias=True)
        self.borders = GroupedAdder2d(4, 6, (3, 2), (1, 2), (1, 0, 2, 0), groups=2)
        self.vectors = AdderLinear(6, 5, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.borders(self.other(self.grouped(self.ours(x) / 50) / 50) / 50)
        return self.vectors(x.mean((2, 3)))


def test_adder_layers_of_all_kinds_are_operators_that_runtimes_run(
    tmp_path: Path, normalized: Tensor
) -> None:
    torch.manual_seed(6)
    module = Layers().eval()
    path = tmp_path / "net.onnx"
    made = written(module, normalized[:2], path, dynamic_shapes=({0: "batch"},))
    layers = [node for node in made.graph.node if node.domain == "ai.addernet"]
    assert [node.op_type for node in layers] == ["Adder2d"] * 4 + ["AdderLinear"]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in layers[0].attribute}
    assert attributes == {"strides": [2, 1], "pads": [0, 1, 2, 3], "dilations": [1, 2], "group": 1}
    assert [list(node.input)[1:] for node in layers[:3]] == [
        ["ours.adder", "ours.bias"], ["grouped.adder"], ["other.adder", "other.bias"]]
    with torch.no_grad():
        expected = module(normalized[:7]).numpy()
    (result,) = run(path, normalized[:7].numpy())
    assert np.abs(result - expected).max() <= 1e-5 * np.abs(expected).max()
    imported = adder_tools.onnx.import_onnx(path, tmp_path / "net", mean=MEAN, std=STD)
    assert imported.compared_with == "onnxruntime"
    assert imported.graph["nodes"][0] == {
        "name": "ours", "op": "adder2d", "inputs": ["x"], "stride": [2, 1], "padding": [0, 1, 2, 3],
        "dilation": [1, 2], "parameters": {"weight": "ours.adder", "bias": "ours.bias"}}


def test_the_model_is_left_as_it_was(tmp_path: Path, normalized: Tensor) -> None:
    torch.manual_seed(7)
    module = filter_norm(nn.Sequential(Adder2d(3, 4, 3), nn.BatchNorm2d(4))).train()
    before = {name: id(m) for name, m in module.named_modules()}
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # It is in training mode.
        torch.onnx.export(module, (normalized[:2],), tmp_path / "net.onnx", dynamo=True, verbose=False)
    assert {name: id(m) for name, m in module.named_modules()} == before
    assert all(m.training and not m._forward_hooks for m in module.modules())
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, state[name]), name


def test_normalized_filters_are_written_as_they_are(tmp_path: Path, normalized: Tensor) -> None:
    torch.manual_seed(8)
    module = filter_norm(nn.Sequential(Adder2d(3, 4, 3), nn.ReLU())).eval()
    made = written(module, normalized[:2], tmp_path / "net.onnx")
    assert kinds(made) == ["Adder2d", "Relu"]
    (weight,) = made.graph.initializer
    assert weight.name == "0.adder"
    # Beside the file, where PyTorch writes weights.
    weight = onnx.load(tmp_path / "net.onnx").graph.initializer[0]
    found = onnx.numpy_helper.to_array(weight, tmp_path)
    assert np.array_equal(found, module[0].adder.detach().numpy())  # type: ignore[union-attr]


class Filters(nn.Module):
    """An adder layer of vectors whose filters go by another name."""

    def __init__(self, scale: float = 1) -> None:
        super().__init__()
        self.weight, self.scale = nn.Parameter(torch.randn(5, 12)), scale

    def forward(self, x: Tensor) -> Tensor:
        return -self.scale * (x.unsqueeze(1) - self.weight).abs().sum(2)


def test_further_classes_are_those_that_were_named(tmp_path: Path) -> None:
    adder_tools.register_onnx(adder_classes=[Filters])
    made = written(Filters().eval(), torch.randn(2, 12), tmp_path / "net.onnx")
    assert kinds(made) == ["AdderLinear"]


def test_a_layer_that_computes_something_else_is_refused(tmp_path: Path) -> None:
    adder_tools.register_onnx(adder_classes=[Filters])
    module = nn.Sequential(nn.ReLU(), Filters(2.0)).eval()
    with pytest.raises(adder_tools.ExportError, match=r"^1: it does not give -sum \|x - w\| \+ bias"):
        torch.onnx.export(module, (torch.randn(2, 12),), tmp_path / "net.onnx", dynamo=True)
    assert isinstance(module[1], Filters) and list(tmp_path.iterdir()) == []


def test_the_older_exporter_is_refused_for_adder_layers(tmp_path: Path, normalized: Tensor) -> None:
    with pytest.raises(adder_tools.AdderError, match="dynamo=True"):
        torch.onnx.export(
            nn.Sequential(Adder2d(3, 4, 3)), (normalized[:1],), tmp_path / "n.onnx", dynamo=False)


def test_files_without_bodies_are_read(tmp_path: Path) -> None:
    weights = {"w": (6, 4, 3, 3)}
    onnx.save(model("y = ai.addernet.Adder2d (x, w)", 15, weights=weights), tmp_path / "net.onnx")
    imported = adder_tools.onnx.import_onnx(tmp_path / "net.onnx", tmp_path / "net")
    assert [node["op"] for node in imported.graph["nodes"]] == ["adder2d"]
    # ONNX 15 has not what the body is made of.
    assert imported.compared_with == "PyTorch for ONNX's operators"


def test_the_structure_of_a_compiled_model_is_sound(
    tmp_path: Path, normalized: Tensor, adderc: Callable[..., str]
) -> None:
    torch.manual_seed(9)
    module = settle(Various(), normalized[:16])
    adder_tools.export(module, normalized[:2], tmp_path / "net", mean=MEAN, std=STD)
    for options in ([], ["--strip-names"], ["--bits", "16"]):
        adderc("compile", tmp_path / "net", "-o", tmp_path / "net.adb", "-q", *options)
        count = adder_tools.onnx.export_structure(tmp_path / "net.adb", tmp_path / "net.onnx")
        made = onnx.load(tmp_path / "net.onnx")
        onnx.checker.check_model(made, full_check=True)
        onnx.shape_inference.infer_shapes(made, strict_mode=True)
        assert count == len(made.graph.node) > 10
        assert {node.domain for node in made.graph.node} == {"ai.addernet"}
        typed = [*made.graph.input, *made.graph.output, *made.graph.value_info]
        read = {name for node in made.graph.node for name in [*node.input, *node.output]}
        assert read == {value.name for value in typed}
        shape = [d.dim_value for d in made.graph.input[0].type.tensor_type.shape.dim]
        assert shape == [1, *normalized.shape[1:]]
        total = sum(
            onnx.helper.get_node_attr_value(node, "filter_bytes") for node in made.graph.node)
        assert total > 0 and len(made.graph.output) == 2
    with pytest.raises(adder_tools.AdderError, match="the structure of a compiled model"):
        adder_tools.onnx.import_onnx(tmp_path / "net.onnx", tmp_path / "again")
