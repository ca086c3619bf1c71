"""Adder layers that are known by what they compute, where torch.fx cannot trace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import pytest
import torch
import torch.nn.functional as F
from conftest import OLD_TORCH
from networks import Distance
from torch import Tensor, nn

pytestmark = pytest.mark.skipif(OLD_TORCH, reason="torch.export came with PyTorch 2.1")

STRIDE, PADDING, DILATION = (2, 1), (1, 2), (1, 2)


def windows(x: Tensor) -> Tensor:
    return F.unfold(x, (3, 2), DILATION, PADDING, STRIDE)


def extents(x: Tensor) -> tuple[int, int]:
    return (
        (x.shape[2] + 2 * PADDING[0] - DILATION[0] * 2 - 1) // STRIDE[0] + 1,
        (x.shape[3] + 2 * PADDING[1] - DILATION[1] - 1) // STRIDE[1] + 1,
    )


def by_function(x: Tensor, w: Tensor) -> Tensor:
    """[O, K, 1] − [1, K, L·N], the batch innermost, in a function with a gradient of its own."""
    columns = windows(x).permute(1, 2, 0).contiguous().view(w[0].numel(), -1)
    y = Distance.apply(w.view(len(w), -1), columns)
    return y.view(len(w), *extents(x), len(x)).permute(3, 0, 1, 2).contiguous()


def by_merged_batch(x: Tensor, w: Tensor) -> Tensor:
    """The batch among the channels while windows are taken."""
    merged = windows(x.view(1, -1, x.size(2), x.size(3))).view(x.size(0), w[0].numel(), -1)
    y = (w.flatten(1)[None, :, :, None] - merged[:, None]).abs().sum(2)
    return -y.view(len(x), len(w), *extents(x))


def by_cdist(x: Tensor, w: Tensor) -> Tensor:
    y = -torch.cdist(windows(x).transpose(1, 2), w.flatten(1), p=1.0)
    return y.transpose(1, 2).reshape(len(x), -1, *extents(x))


def by_swapped_cdist(x: Tensor, w: Tensor) -> Tensor:
    y = torch.cdist(w.flatten(1)[None], windows(x).transpose(1, 2), p=1).mul(-1)
    return y.reshape(len(x), -1, *extents(x))


def by_groups(x: Tensor, w: Tensor) -> Tensor:
    """All groups at once, [N, G, 1, K, L] − [G, O / G, K, 1]."""
    groups = x.size(1) // w.size(1)
    parts = windows(x).reshape(len(x), groups, 1, w[0].numel(), -1)
    filters = w.reshape(groups, len(w) // groups, -1, 1)
    return -(parts - filters).abs().sum(3).reshape(len(x), len(w), *extents(x))


def by_loop(x: Tensor, w: Tensor) -> Tensor:
    """One group after the other."""
    groups = x.size(1) // w.size(1)
    parts = zip(x.chunk(groups, 1), w.chunk(groups, 0))
    return torch.cat([by_cdist(part, filters) for part, filters in parts], 1)


class Layer(nn.Module):
    def __init__(self, function: Callable[[Tensor, Tensor], Tensor], groups: int) -> None:
        super().__init__()
        self.function = function
        self.filters = nn.Parameter(torch.randn(6, 4 // groups, 3, 2))

    def forward(self, x: Tensor) -> Tensor:
        assert int(x.shape[2]) >= 1  # int() stops torch.fx.
        return self.function(x, self.filters)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(
    ("function", "groups"),
    [(by_function, 1), (by_merged_batch, 1), (by_cdist, 1), (by_swapped_cdist, 1), (by_groups, 2),
     (by_loop, 2)],
)
def test_layers(
    function: Callable[[Tensor, Tensor], Tensor], groups: int, batch: int, tmp_path: Path,
    adderc: Callable[..., str],
) -> None:
    torch.manual_seed(2)
    model = nn.Sequential(nn.Conv2d(4, 4, 1), Layer(function, groups), nn.ReLU()).eval()
    file = tmp_path / "net.safetensors"
    exported = adder_tools.export(model, torch.rand(batch, 4, 9, 8), file)
    conv, layer, relu = exported.graph["nodes"]
    assert (conv["op"], layer["op"], relu["op"]) == ("conv2d", "adder2d", "relu")
    assert layer["name"] == "1"
    assert layer["parameters"] == {"weight": "1.filters"}
    assert (layer["stride"], layer["padding"], layer["dilation"]) == ([2, 1], [1, 2], [1, 2])
    assert layer.get("groups", 1) == groups
    adderc("compile", file, "-o", tmp_path / "net.adb", "-q")


def test_the_program_of_torch_export(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1), Layer(by_cdist, 1), nn.BatchNorm2d(6)).eval()
    example = torch.rand(2, 4, 9, 8)
    program = torch.export.export(model, (example,))
    exported = adder_tools.export(program, example, tmp_path / "net.safetensors")
    assert [node["op"] for node in exported.graph["nodes"]] == ["conv2d", "adder2d", "batch_norm"]


def test_vectors(tmp_path: Path) -> None:
    class Vectors(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Parameter(torch.randn(5, 4 * 9 * 8))

        def forward(self, x: Tensor) -> Tensor:
            assert int(x.shape[2]) >= 1
            return -(x.flatten(1).unsqueeze(1) - self.table).abs().sum(-1)

    exported = adder_tools.export(
        Vectors().eval(), torch.rand(2, 4, 9, 8), tmp_path / "net.safetensors")
    assert [node["op"] for node in exported.graph["nodes"]] == ["flatten", "adder_linear"]
    assert exported.graph["nodes"][1]["parameters"] == {"weight": "table"}


def test_a_positive_sum_is_turned(tmp_path: Path) -> None:
    class Positive(Layer):
        def forward(self, x: Tensor) -> Any:
            return -super().forward(x)

    exported = adder_tools.export(
        nn.Sequential(Positive(by_cdist, 1)).eval(), torch.rand(2, 4, 9, 8),
        tmp_path / "net.safetensors")
    assert [node["op"] for node in exported.graph["nodes"]] == ["adder2d", "affine"]
