"""What cannot be exported, and the sentence for it."""

import ctypes
import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import pytest
import torch
import torch.nn.functional as F
from conftest import OLD_TORCH
from networks import Adder2d
from torch import Tensor, nn

IMAGE = torch.rand(2, 4, 8, 8)


def refusal(
    model: Any, tmp_path: Path, example: Any = IMAGE, **options: Any
) -> adder_tools.ExportError:
    """The error of an export, which leaves nothing behind."""
    with pytest.raises(adder_tools.ExportError) as caught:
        adder_tools.export(model, example, tmp_path / "net.safetensors", **options)
    assert list(tmp_path.iterdir()) == []
    return caught.value


class Net(nn.Module):
    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3)
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(self.conv(x))


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: torch.erf(x), "erf: adderc has no such operation"),
        (lambda x: x.mean((2, 3)).softmax(1), "return its argument, the logits"),
        (lambda x: x * x, "two values of the network are multiplied; adderc has no product"),
        (lambda x: x.sum((2, 3)), "mean over rows and columns is mean((2, 3))"),
        (lambda x: x.abs(), "-(x - w).abs().sum()"),
        (lambda x: x.mean(1), "adderc reduces rows and columns"),
        (lambda x: torch.cat([x, x.relu()], 2), "adderc joins channels"),
        (lambda x: torch.cat([x, torch.zeros(2, 1, 6, 6)], 1), "concat with a constant"),
        (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), "mode='nearest'"),
        (lambda x: F.interpolate(x, size=(9, 9)), "by no integer"),
        (lambda x: F.pad(x, (1, 1, 1, 1), mode="reflect"), "adderc pads with zeros"),
        (lambda x: F.pad(x, (1, 1, 1, 1), value=1.0), "adderc pads with zeros"),
        (lambda x: x.permute(0, 2, 3, 1).flatten(1), "order channels, rows, columns"),
        (lambda x: x.flip(3), "in another order"),
        (lambda x: x.flatten(), "use flatten(1) for vectors"),
        (lambda x: x[0], "keep the batch as first dimension"),
        (lambda x: F.linear(x, torch.randn(3, 6)), "vectors [N, F]"),
        (lambda x: F.conv2d(x, x[:1]), "depends on the image, and a model file has fixed ones"),
        (lambda x: F.batch_norm(x, None, None, training=True), "track_running_stats=True"),
        (lambda x: F.dropout(x, 0.5), "pass training=self.training"),
        (lambda x: F.max_pool2d(x, 2, return_indices=True)[0], "return_indices"),
        (lambda x: F.adaptive_avg_pool2d(x, 4), "choose extents that divide"),
        (lambda x: F.adaptive_avg_pool2d(x, (12, 3)), "choose extents that divide"),
        (lambda x: F.adaptive_max_pool2d(x[:, :, :5], 2), "choose extents that divide"),
        (lambda x: F.avg_pool2d(x, 4, divisor_override=4), "that divides by 4, not by its window"),
        (lambda x: F.avg_pool2d(x, 4, 4, 0, True, True, 16), "by 16 and rounds extents up"),
        (lambda x: F.mish(x), "mish: adderc has no such operation"),
        (lambda x: x + torch.rand(6, 6), "one for each channel"),
        (lambda x: x + F.adaptive_avg_pool2d(x, 1), "adderc adds values of one shape"),
        (lambda x: x.clamp(-2, 2), "adderc clamps"),
        (lambda x: (x.half() + 1).float(), "half precision inside"),
        (lambda x: (x, x), "return each value once"),
        (lambda x: torch.zeros(2, 3), "does not depend on its input"),
        (lambda x: x.to(torch.complex64).real, "adderc has no such operation"),
        (lambda x: x - torch.rand_like(x), "adderc has no such operation"),
    ],
)  # fmt: skip
def test_operations(function: Callable[[Tensor], Any], text: str, tmp_path: Path) -> None:
    error = refusal(Net(function).eval(), tmp_path)
    assert any(text in finding.text for finding in error.findings), error
    assert "adderc knows adder2d, conv2d" in str(error)


def test_everything_is_listed_with_its_place(tmp_path: Path) -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 1)
            self.act = nn.LogSigmoid()

        def forward(self, x: Tensor) -> Tensor:
            y = self.act(self.conv(x))
            return torch.erf(y) * y

    model = nn.Sequential(Block(), nn.ReLU(), Block()).eval()
    error = refusal(model, tmp_path)
    start = Block.forward.__code__.co_firstlineno
    product = "two values of the network are multiplied; adderc has no product"
    expected = [
        (f"{i}{suffix}", f"test_refusals.py:{start + line}", text)
        for i in (0, 2)
        for suffix, line, text in (
            (".act", 1, "LogSigmoid: adderc has no such operation"),
            ("", 2, "erf: adderc has no such operation"), ("", 2, product))
    ]
    assert [(f.module, f.line, f.text) for f in error.findings] == expected
    assert str(error).startswith("6 things of the network cannot be expressed; adderc knows")


def test_training_mode(tmp_path: Path) -> None:
    assert "call model.eval() first" in str(refusal(nn.Sequential(nn.ReLU()), tmp_path))
    model = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Dropout()).eval()
    model[1].train()
    assert str(refusal(model, tmp_path)).startswith("1 is in training mode")


def test_precision_and_devices(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1)).eval()
    assert "call model.float() first" in str(refusal(model.half(), tmp_path))
    model.float()
    assert "give example.float()" in str(refusal(model, tmp_path, IMAGE.half()))
    assert "floating-point and normalized" in str(refusal(model, tmp_path, IMAGE.byte()))
    assert "not on the CPU; call model.cpu()" in str(refusal(model.to("meta"), tmp_path))
    assert "give example.cpu()" in str(refusal(model, tmp_path, IMAGE.to("meta")))


def test_weights_that_are_not_numbers(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1)).eval()
    with torch.no_grad():
        model[0].weight[0, 1] = math.nan
    assert "0.weight (1 of 16 values) is NaN or infinite" in str(refusal(model, tmp_path))


@pytest.mark.parametrize(
    ("example", "text"),
    [
        (IMAGE[0], "example.unsqueeze(0)"),
        (torch.rand(2, 5, 8, 8), "the module does not run on the example of [[2, 5, 8, 8]]"),
        (IMAGE / 0, "NaN or infinite"),
        ([], "no example"),
        ("image", "expected tensors"),
        (torch.rand(0, 4, 8, 8), "expected images [N, C, H, W]"),
        (torch.rand(1, 4, 70000, 1), "expected at most 65536"),
    ],
)
def test_examples(example: Any, text: str, tmp_path: Path) -> None:
    assert text in str(refusal(nn.Sequential(nn.Conv2d(4, 4, 1)).eval(), tmp_path, example))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"mean": [0.5] * 4}, "mean and std go together"),
        ({"mean": [0.5] * 3, "std": [0.5] * 4}, "mean has 3 values, and 'input' has 4 channels"),
        ({"mean": [127.0] * 4, "std": [60.0] * 4}, "divide mean and std of bytes by 255"),
        ({"mean": [0.5] * 4, "std": [0.0] * 4}, "above 0"),
    ],
)
def test_normalization(options: dict[str, Any], text: str, tmp_path: Path) -> None:
    assert text in str(refusal(nn.Sequential(nn.Conv2d(4, 4, 1)).eval(), tmp_path, **options))


def test_examples_that_were_normalized_by_something(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1)).eval()
    with pytest.warns(adder_tools.AdderWarning, match="give the mean= and std="):
        adder_tools.export(model, IMAGE * 4 - 2, tmp_path / "net.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adder_tools.export(model, IMAGE, tmp_path / "net.safetensors")


def test_untraceable_modules(tmp_path: Path) -> None:
    error = refusal(Net(lambda x: x if x.sum() > 0 else -x).eval(), tmp_path)
    assert "the module cannot be traced" in str(error)
    assert "torch.fx" in str(error) and "torch.export" in str(error)


def test_networks_without_an_operation(tmp_path: Path) -> None:
    assert "0 operations, expected 1 to 10000" in str(refusal(nn.Identity().eval(), tmp_path))


def test_forward_hooks(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1))
    model[0].register_forward_hook(lambda module, given, result: 2 * result)
    assert "a forward hook is another" in str(refusal(model.eval(), tmp_path))


def test_other_things_than_modules(tmp_path: Path) -> None:
    assert "call load_state_dict" in str(refusal({"conv.weight": IMAGE}, tmp_path))
    script = torch.jit.script(nn.Sequential(nn.Conv2d(4, 4, 1)).eval())
    assert "TorchScript" in str(refusal(script, tmp_path))


@pytest.mark.skipif(OLD_TORCH, reason="torch.export came with PyTorch 2.1")
def test_dynamic_shapes(tmp_path: Path) -> None:
    batch = torch.export.Dim("batch", min=2, max=8)
    program = torch.export.export(
        nn.Sequential(nn.Conv2d(4, 4, 1)).eval(), (IMAGE,), dynamic_shapes=({0: batch},))
    assert "dynamic shapes" in str(refusal(program, tmp_path))


def test_layers_that_compute_something_else(tmp_path: Path) -> None:
    class Euclidean(Adder2d):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * 1.01

    error = str(refusal(nn.Sequential(Euclidean(4, 4, 3), nn.ReLU()).eval(), tmp_path))
    # ReLU hides it: all is negative. It is found nevertheless.
    assert "the first value that differs is '0' (adder2d, 0)" in error

    class Silent(Adder2d):
        def __init__(self) -> None:
            super().__init__(4, 4, 3, 2, 1)
            self.step = self.stride
            del self.stride

        def forward(self, x: Tensor) -> Tensor:
            y = -torch.cdist(
                F.unfold(x, 3, 1, 1, self.step).transpose(1, 2), self.adder.flatten(1), p=1)
            return y.transpose(1, 2).reshape(len(x), 4, 4, 4)

    error = str(refusal(nn.Sequential(Silent()).eval(), tmp_path))
    assert "give it attributes of these names" in error


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(adder_tools.ExportError, match="cannot be written: No such file"):
        adder_tools.export(
            nn.Sequential(nn.Conv2d(4, 4, 1)).eval(), IMAGE, tmp_path / "no" / "net.safetensors")


def test_packages_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from adder_tools.errors import require

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(adder_tools.AdderError, match=r"pip install 'adder-tools\[onnx\]'"):
        require("onnx", "onnx")
    assert require("ctypes", "") is ctypes
