"""What the exporter understands, one habit of writing networks at a time."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import adder_tools.nn as adder_nn
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import OLD_TORCH
from networks import Adder2d, GroupedAdder2d, settle
from torch import Tensor, nn

torch.manual_seed(0)
IMAGE = torch.rand(2, 4, 9, 8)


class Net(nn.Module):
    """A network of modules by name, and a function for `forward`."""

    def __init__(self, forward: Callable[..., Any], **modules: nn.Module) -> None:
        super().__init__()
        self.function = forward
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x: Tensor) -> Any:
        return self.function(self, x)


@pytest.fixture
def export(tmp_path: Path, adderc: Callable[..., str]) -> Callable[..., Any]:
    """Exports a module, and compiles the file, too."""

    def run(model: nn.Module, example: Any = IMAGE, **options: Any) -> Any:
        file = tmp_path / "net.safetensors"
        exported = adder_tools.export(model.eval(), example, file, **options)
        adderc("compile", file, "-o", tmp_path / "net.adb", "-q")
        return exported

    return run


def read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header's tensors and the graph of a safetensors file."""
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    return header, json.loads(header.pop("__metadata__")["adder.graph"])


def operations(exported: Any) -> list[str]:
    return [node["op"] for node in exported.graph["nodes"]]


def node(exported: Any, name: str) -> dict[str, Any]:
    return next(node for node in exported.graph["nodes"] if node["name"] == name)


LAYER = {"conv": nn.Conv2d(4, 8, 3, padding=1)}


def after_layer(change: Callable[[Tensor], Any], **modules: nn.Module) -> Net:
    return Net(lambda self, x: change(self.conv(x)), conv=LAYER["conv"], **modules)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda x: F.relu(x), ["relu"]),
        (lambda x: torch.relu(x), ["relu"]),
        (lambda x: x.relu(), ["relu"]),
        (lambda x: x.clamp(min=0), ["relu"]),
        (lambda x: F.relu6(x), ["relu6"]),
        (lambda x: torch.clamp(x, 0, 6), ["relu6"]),
        (lambda x: F.hardtanh(x, 0.0, 6.0), ["relu6"]),
        (lambda x: F.leaky_relu(x, 0.2), ["leaky_relu"]),
        (lambda x: F.leaky_relu_(x.relu()), ["relu", "leaky_relu"]),
        (lambda x: F.prelu(x, torch.arange(8.0) / 8), ["prelu"]),
        (lambda x: torch.prelu(x, torch.full((1,), 0.2)), ["prelu"]),
        (lambda x: F.hardswish(F.hardsigmoid(x)), ["hard_sigmoid", "hard_swish"]),
        (lambda x: torch.sigmoid(x.tanh()), ["tanh", "sigmoid"]),
        (lambda x: F.silu(x.sigmoid_(), inplace=True), ["sigmoid", "silu"]),
        (lambda x: F.gelu(F.gelu(x, approximate="tanh")), ["gelu", "gelu"]),
        (lambda x: F.max_pool2d(x, 2), ["max_pool"]),
        (lambda x: F.max_pool2d(x, (3, 2), stride=(2, 1), padding=(1, 0)), ["max_pool"]),
        (lambda x: F.max_pool2d(x, (3, 2), ceil_mode=True), ["max_pool"]),
        (lambda x: F.avg_pool2d(x, 2, padding=1), ["average_pool"]),
        (lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), ["average_pool"]),
        (lambda x: F.avg_pool2d(x, (4, 3), 3, 1, True, False), ["average_pool"]),
        (lambda x: F.avg_pool2d(x, (4, 3), 3, 1, ceil_mode=True), ["average_pool"]),
        (lambda x: F.avg_pool2d(x, 3, 2, 1, False, False, 9), ["average_pool"]),
        (lambda x: F.adaptive_avg_pool2d(x, 1), ["global_average_pool"]),
        (lambda x: F.adaptive_avg_pool2d(x, (3, 2)), ["average_pool"]),
        (lambda x: F.adaptive_avg_pool2d(x, (2, 4)), ["adaptive_average_pool"]),
        (lambda x: F.adaptive_avg_pool2d(x, (18, 8)), ["adaptive_average_pool"]),
        (lambda x: F.channel_shuffle(x, 4), ["channel_shuffle"]),
        (lambda x: x.view(2, 2, 4, 9, 8).transpose(1, 2).reshape(2, 8, 9, 8), ["channel_shuffle"]),
        (lambda x: F.adaptive_max_pool2d(x, (3, 4)), ["max_pool"]),
        (lambda x: x.mean((2, 3)), ["global_average_pool"]),
        (lambda x: x.mean([-1, -2], keepdim=True), ["global_average_pool"]),
        (lambda x: x.mean(3).mean(2), ["average_pool", "global_average_pool"]),
        (lambda x: x.flatten(2).mean(-1), ["global_average_pool"]),
        (lambda x: x.amax((2, 3)), ["max_pool"]),
        (lambda x: x.view(x.size(0), -1), ["flatten"]),
        (lambda x: x.reshape(x.shape[0], 8 * 9 * 8), ["flatten"]),
        (lambda x: torch.flatten(x, start_dim=1), ["flatten"]),
        (lambda x: F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1), ["global_average_pool"]),
        (lambda x: torch.cat([x, F.relu(x)], dim=-3), ["relu", "concat"]),
        (lambda x: torch.cat((F.relu(x).mean((2, 3)), x.mean((2, 3))), -1),
         ["relu", "global_average_pool", "global_average_pool", "concat"]),
        (lambda x: F.interpolate(x, scale_factor=2), ["upsample_nearest"]),
        (lambda x: F.interpolate(x, size=(27, 16), mode="nearest"), ["upsample_nearest"]),
        (lambda x: F.interpolate(x, scale_factor=(5, 1)), ["upsample_nearest"]),
        (lambda x: x.repeat_interleave(2, 2).repeat_interleave(2, 3), ["upsample_nearest"]),
        (lambda x: F.pixel_shuffle(x, 2), ["depth_to_space"]),
        (lambda x: x.view(2, 2, 2, 2, 9, 8).permute(0, 1, 4, 2, 5, 3).reshape(2, 2, 18, 16),
         ["depth_to_space"]),
        (lambda x: F.pad(x, (1, 0, 2, 3)), ["zero_pad"]),
        (lambda x: F.pad(x, (0, 0, 0, 0, 4, 4)), ["conv2d"]),
        (lambda x: x[:, :, ::2, ::2], ["max_pool"]),
        (lambda x: F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2)), ["max_pool", "conv2d"]),
        (lambda x: x[:, [3, 1, 0]], ["conv2d"]),
        (lambda x: x * 2 + 1, ["affine", "affine"]),
        (lambda x: 1 - x / 4, ["affine", "affine"]),
        (lambda x: x - F.relu(x), ["relu", "affine", "add"]),
        (lambda x: -x, ["affine"]),
        (lambda x: (x - torch.arange(8.0).view(1, 8, 1, 1)) / torch.arange(1.0, 9).view(8, 1, 1),
         ["affine", "affine"]),
        (lambda x: F.dropout(x, 0.5, training=False).contiguous(), []),
        (lambda x: F.batch_norm(x, torch.zeros(8), torch.ones(8)), ["batch_norm"]),
    ],
)  # fmt: skip
def test_operations(
    change: Callable[[Tensor], Any], expected: list[str], export: Callable[..., Any]
) -> None:
    assert operations(export(after_layer(change))) == ["conv2d", *expected]


@pytest.mark.parametrize(
    ("module", "op", "attributes"),
    [
        (nn.LeakyReLU(0.3), "leaky_relu", {"slope": 0.3}),
        (nn.PReLU(4), "prelu", {"parameters": {"weight": "1.weight"}}),
        (nn.PReLU(), "prelu", {"parameters": {"weight": "1.weight"}}),
        (nn.Hardswish(), "hard_swish", {}), (nn.Hardsigmoid(), "hard_sigmoid", {}),
        (nn.Sigmoid(), "sigmoid", {}), (nn.Tanh(), "tanh", {}), (nn.SiLU(inplace=True), "silu", {}),
        (nn.GELU(), "gelu", {}), (nn.GELU(approximate="tanh"), "gelu", {"approximate": "tanh"}),
        (nn.ChannelShuffle(2), "channel_shuffle", {"groups": 2}),
        (nn.AdaptiveAvgPool2d((2, None)), "adaptive_average_pool", {"output": [2, 8]}),
        (nn.AdaptiveAvgPool2d((9, 16)), "adaptive_average_pool", {"output": [9, 16]}),
        (nn.MaxPool2d(2, ceil_mode=True), "max_pool", {"kernel": 2, "stride": 2, "ceil_mode": True}),
        (nn.MaxPool2d((3, 4), ceil_mode=True), "max_pool", {"kernel": [3, 4], "stride": [3, 4]}),
        (nn.AvgPool2d(3, 1, 1, count_include_pad=False), "average_pool",
         {"kernel": 3, "stride": 1, "padding": 1, "count_include_pad": False}),
        (nn.AvgPool2d((2, 3), ceil_mode=True), "average_pool",
         {"kernel": [2, 3], "stride": [2, 3], "ceil_mode": True}),
        (nn.Upsample(scale_factor=(3, 2)), "upsample_nearest", {"factor": [3, 2]}),
    ],
)  # fmt: skip
def test_modules(
    module: nn.Module, op: str, attributes: dict[str, Any], export: Callable[..., Any]
) -> None:
    _, found = export(nn.Sequential(nn.Conv2d(4, 4, 1), module)).graph["nodes"]
    # A module that moves elements is named after what it does.
    names = ["1", op] if op == "channel_shuffle" else ["1"]
    assert (found.pop("op"), found.pop("inputs")) == (op, ["0"]) and found.pop("name") in names
    assert found == attributes


@pytest.mark.skipif(OLD_TORCH, reason="torch.fx does not iterate over what chunk gives")
def test_parts_of_channels(export: Callable[..., Any]) -> None:
    exported = export(after_layer(lambda x: sum(F.relu(part) for part in x.chunk(2, 1))))
    assert operations(exported) == ["conv2d", "conv2d", "relu", "conv2d", "relu", "add"]
    assert "convolution with zeros and ones" in exported.notes[0]


def test_functional_layers(export: Callable[..., Any]) -> None:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.filters = nn.Parameter(torch.randn(6, 2, 3, 3))
            self.matrix = nn.Parameter(torch.randn(6, 3))
            self.offset = nn.Parameter(torch.randn(3))

        def forward(self, x: Tensor) -> Tensor:
            y = F.conv2d(x, self.filters, padding="same", groups=2, dilation=2)
            y = y.mean((2, 3))
            return torch.cat([F.linear(y, self.matrix.t(), self.offset), y @ self.matrix], 1)

    exported = export(Functional())
    assert operations(exported) == ["conv2d", "global_average_pool", "linear", "linear", "concat"]
    layer = exported.graph["nodes"][0]
    assert (layer["groups"], layer["dilation"], layer["padding"]) == (2, 2, 2)
    assert layer["parameters"]["weight"] == "filters"


def test_padding_same_of_even_kernels_is_asymmetric(export: Callable[..., Any]) -> None:
    exported = export(nn.Sequential(nn.Conv2d(4, 3, (2, 4), padding="same")))
    assert exported.graph["nodes"][0]["padding"] == [0, 1, 1, 2]


@pytest.mark.parametrize("name", ["b", "bias"])
def test_bias_names(name: str, export: Callable[..., Any]) -> None:
    class Biased(Adder2d):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) + getattr(self, name).view(1, -1, 1, 1)

    layer = Biased(4, 3, 3, 2, 1)
    if name == "bias":
        del layer.bias
    setattr(layer, name, nn.Parameter(torch.randn(3)))
    layer.__dict__.setdefault("bias", False)
    if name == "bias":
        layer.__dict__.pop("bias")

        def forward(x: Tensor) -> Tensor:
            windows = F.unfold(x, 3, 1, 1, 2).transpose(1, 2)
            y = -torch.cdist(windows, layer.adder.flatten(1), p=1.0).transpose(1, 2)
            return y.reshape(len(x), 3, 5, 4) + layer.bias.view(1, -1, 1, 1)

        layer.forward = forward  # type: ignore[method-assign]
    exported = export(nn.Sequential(layer))
    assert exported.graph["nodes"][0]["parameters"] == {"weight": "0.adder", "bias": f"0.{name}"}


def test_in_place_operations_change_what_was_read_before(export: Callable[..., Any]) -> None:
    def forward(self: Any, x: Tensor) -> Tensor:
        y = self.conv(x)
        z = F.relu(y, inplace=True)
        z += self.second(y)
        self.relu(z)
        z.add_(1)
        return z

    model = Net(
        forward, conv=nn.Conv2d(4, 8, 1), second=nn.Conv2d(8, 8, 1), relu=nn.ReLU(inplace=True))
    exported = export(model)
    assert node(exported, "second")["inputs"] == ["relu"]


def test_names_with_spaces_and_wrappers(export: Callable[..., Any], tmp_path: Path) -> None:
    model = nn.Sequential()
    model.add_module("first layer", Adder2d(4, 3, 3))
    model.add_module("naïve", nn.BatchNorm2d(3))
    settle(model, IMAGE)
    exported = export(nn.DataParallel(model), name="my net")
    assert [node["name"] for node in exported.graph["nodes"]] == ["first_layer", "na_ve"]
    assert exported.graph["name"] == "my_net"
    assert "first layer.adder" in read(tmp_path / "net.safetensors")[0]


@pytest.mark.parametrize("prefix", ["model", "module", "net", "_orig_mod"])
def test_names_under_one_prefix(prefix: str, export: Callable[..., Any]) -> None:
    inner = nn.Sequential(nn.Conv2d(4, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 1))
    exported = export(Net(lambda self, x: getattr(self, prefix)(x), **{prefix: inner}))
    assert operations(exported) == ["conv2d", "relu", "conv2d"]


def test_shared_modules(export: Callable[..., Any], tmp_path: Path) -> None:
    def forward(self: Any, x: Tensor) -> Tensor:
        return self.layer(self.relu(self.layer(self.relu(x))))

    exported = export(Net(forward, layer=Adder2d(4, 4, 3, 1, 1), relu=nn.ReLU()))
    assert operations(exported) == ["relu", "adder2d", "relu", "adder2d"]
    assert list(read(tmp_path / "net.safetensors")[0]) == ["layer.adder"]


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm(dim: int | None, export: Callable[..., Any]) -> None:
    def model() -> nn.Module:
        torch.manual_seed(5)
        return Net(
            lambda self, x: self.bn(self.fc(F.relu(self.layer(x)))), layer=Adder2d(4, 6, 3),
            fc=nn.Conv2d(6, 3, 1), bn=nn.BatchNorm2d(3))

    def scaled(network: nn.Module) -> nn.Module:
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if name.endswith(("_g", "original0")):
                    parameter.mul_(1.5)
        return settle(network, IMAGE)

    old = model()
    nn.utils.weight_norm(old.layer, "adder", dim)  # type: ignore[arg-type]
    nn.utils.weight_norm(old.fc, "weight", 0)  # type: ignore[arg-type]
    old = scaled(old)
    first = export(old)
    assert operations(first) == ["adder2d", "relu", "conv2d", "batch_norm"]
    assert node(first, "layer")["parameters"]["weight"] == "layer.adder"
    if OLD_TORCH:
        return
    new = model()
    torch.nn.utils.parametrizations.weight_norm(new.layer, "adder", dim)  # type: ignore[arg-type]
    torch.nn.utils.parametrizations.weight_norm(new.fc, "weight", 0)  # type: ignore[arg-type]
    assert export(scaled(new)).graph == first.graph


def test_layers_with_groups_dilation_and_asymmetric_padding(export: Callable[..., Any]) -> None:
    layer = GroupedAdder2d(4, 8, (3, 2), (2, 1), (1, 2, 0, 1), 2, groups=2)
    exported = export(nn.Sequential(layer))
    found = exported.graph["nodes"][0]
    assert (found["padding"], found["stride"]) == ([0, 1, 1, 2], [2, 1])
    assert (found["dilation"], found["groups"]) == (2, 2)
    assert "top, left, bottom, right (0, 1, 1, 2)" in exported.notes[0]


def test_linear_adders_and_vectors(export: Callable[..., Any]) -> None:
    class AdderLinear(nn.Module):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.randn(outputs, inputs))
            self.bias = nn.Parameter(torch.randn(outputs))

        def forward(self, x: Tensor) -> Tensor:
            return self.bias - torch.cdist(x, self.weight, p=1)

    model = nn.Sequential(AdderLinear(12, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, 3))
    settle(model, torch.rand(16, 12))
    example = torch.rand(3, 12)
    named = export(model, example, adder_classes=[AdderLinear])
    assert operations(named) == ["adder_linear", "batch_norm", "relu", "linear"]
    assert named.graph["inputs"][0]["shape"] == [12, 1, 1]
    # Known by what it computes, too.
    assert operations(export(model, example))[0] == "adder_linear"


def test_several_inputs_and_outputs(
    tmp_path: Path, adderc: Callable[..., str], adderrun: Callable[..., Any]
) -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Conv2d(3, 4, 3), Adder2d(1, 4, 3)

        def forward(self, left: Tensor, right: Tensor, scale: float = 2.0) -> dict[str, Any]:
            a, b = F.relu(self.left(left)), self.right(right)
            return {"sum": a + b, "pair": (a.mean((2, 3)), b * scale)}

    file = tmp_path / "two.safetensors"
    examples = (torch.rand(2, 3, 8, 8), torch.rand(2, 1, 8, 8))
    exported = adder_tools.export(
        Two().eval(), examples, file, mean=[[0, 0, 0], [0]], std=[[1, 1, 1], [1]])
    assert [given["name"] for given in exported.graph["inputs"]] == ["left", "right"]
    assert len(exported.graph["outputs"]) == 3
    adderc("compile", file, "-o", tmp_path / "two.adb", "-q")
    generator = np.random.default_rng(1)
    left = generator.integers(0, 256, (5, 3, 8, 8), dtype=np.uint8)
    right = generator.integers(0, 256, (5, 1, 8, 8), dtype=np.uint8)
    expected = adderrun(tmp_path / "two.adb", [("left", left), ("right", right)])
    assert adder_tools.Model(tmp_path / "two.adb")(left, right).tobytes() == expected.tobytes()


def test_files_are_equal_and_hold_what_is_used(tmp_path: Path) -> None:
    model = Net(lambda self, x: self.conv(x), conv=nn.Conv2d(4, 2, 1), unused=nn.Linear(3, 3))
    for name in ("a", "b"):
        adder_tools.export(model.eval(), IMAGE, tmp_path / name, mean=[0.5] * 4, std=[0.25] * 4)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    header, graph = read(tmp_path / "a")
    assert sorted(header) == ["conv.bias", "conv.weight"]
    assert graph["inputs"] == [
        {"name": "x", "shape": [4, 9, 8], "mean": [0.5] * 4, "std": [0.25] * 4}]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_the_module_stays_as_it_is(export: Callable[..., Any]) -> None:
    model = settle(nn.Sequential(Adder2d(4, 4, 3), nn.BatchNorm2d(4), nn.ReLU(True)), IMAGE)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    example = IMAGE.clone()
    export(model, example)
    assert torch.equal(example, IMAGE)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.skipif(OLD_TORCH, reason="torch.export came with PyTorch 2.1")
def test_layers_of_ours_are_known_in_programs_of_torch_export(tmp_path: Path) -> None:
    torch.manual_seed(11)
    layers = nn.Sequential(
        adder_nn.Adder2d(3, 4, 3, 2, 1), nn.ReLU(), nn.Flatten(), adder_nn.AdderLinear(64, 5)).eval()
    example = torch.rand(2, 3, 8, 8)
    program = torch.export.export(layers, (example,))
    exported = adder_tools.export(program, example, tmp_path / "net.safetensors", name="net")
    assert [node["op"] for node in exported.graph["nodes"]][::3] == ["adder2d", "adder_linear"]
