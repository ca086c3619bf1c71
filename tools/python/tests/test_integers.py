"""Adder layers that compute on the numbers of a compiled model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import pytest
import torch
from adder_tools import Grid, patch_grids
from adder_tools.nn import Adder2d, AdderLinear, IntegerAwareness, filter_norm
from conftest import MEAN, STD
from torch import Tensor, nn


class Small(nn.Module):
    """A residual stream, so that a layer converts int16, behind a layer that reads bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.stem_norm = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.first, self.first_norm = Adder2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.second, self.second_norm = Adder2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.third, self.third_norm = Adder2d(8, 4, 3, stride=2), nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem_norm(self.stem(x)))
        y = torch.relu(self.first_norm(self.first(x)))
        x = torch.relu(self.second_norm(self.second(y)) + x)
        return self.third_norm(self.third(x)).flatten(1)


@pytest.fixture
def compiled(
    pixels: np.ndarray[Any, Any], normalized: Tensor, tmp_path: Path, adderc: Callable[..., str]
) -> tuple[Small, adder_tools.Model]:
    """A network with the statistics of its images, and its integers at 4 bits."""
    torch.manual_seed(3)
    network = Small()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    network(normalized)
    network.eval()
    np.save(tmp_path / "images.npy", pixels)
    return network, compiled_to(
        network, normalized, tmp_path / "net.adb", adderc, "--calibrate", tmp_path / "images.npy")


def compiled_to(
    network: nn.Module, normalized: Tensor, path: Path, adderc: Callable[..., str], *options: Any
) -> adder_tools.Model:
    adder_tools.export(
        network, normalized[:2], path.with_suffix(".safetensors"), mean=MEAN, std=STD)
    adderc("compile", path.with_suffix(".safetensors"), "-o", path, "--bits", 4, *options)
    return adder_tools.Model(path)


def error(a: Any, b: Any) -> float:
    """The root mean square difference of a network's outputs from a model's."""
    return float(np.sqrt(np.mean(np.square(a.detach().numpy() - b[0].reshape(a.shape)))))


def test_computes_what_the_model_computes(
    compiled: tuple[Small, adder_tools.Model], pixels: np.ndarray[Any, Any], normalized: Tensor,
    tmp_path: Path, adderc: Callable[..., str]
) -> None:
    network, model = compiled
    grids = patch_grids(model.path)
    assert set(grids) == {"first", "second", "third"}
    for grid in grids.values():
        assert grid.lowest == 0 and grid.highest == pytest.approx(15 * grid.step)
    plain = network(normalized)
    filters = [layer.adder.detach().clone() for layer in (network.first, network.third)]

    aware = IntegerAwareness(network, grids)
    rounded = network(normalized)
    aware.remove()
    assert torch.equal(network(normalized), plain)
    assert all(torch.equal(a, layer.adder) for a, layer in zip(filters, (network.first, network.third)))

    given = compiled_to(
        network, normalized, tmp_path / "given.adb", adderc, "--scales-from", model.path)
    integers = given.real(pixels)
    assert error(rounded, integers) < error(plain, integers) / 2


def test_trains_on_integers(
    compiled: tuple[Small, adder_tools.Model], pixels: np.ndarray[Any, Any], normalized: Tensor,
    tmp_path: Path, adderc: Callable[..., str]
) -> None:
    network, model = compiled
    wanted = network(normalized).detach()

    def integers(name: str) -> float:
        return error(wanted, compiled_to(
            network, normalized, tmp_path / name, adderc, "--scales-from", model.path).real(pixels))

    before = integers("before.adb")
    aware = IntegerAwareness(network, patch_grids(model.path))
    filters = [value for name, value in network.named_parameters() if name.endswith("original")]
    others = [value for name, value in network.named_parameters() if "norm" in name]
    optimizer = torch.optim.Adam([{"params": filters, "lr": 3e-3}, {"params": others, "lr": 1e-2}])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 75)
    for _ in range(25):
        for chosen in torch.randperm(96).split(32):
            loss = (network(normalized[chosen]) - wanted[chosen]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    aware.remove()
    assert integers("after.adb") < 0.95 * before


def test_rounds_as_the_compiler_does() -> None:
    layer = AdderLinear(1, 4)
    with torch.no_grad():
        layer.adder.copy_(torch.tensor([[0.6], [-7.3], [2.2], [99.0]]))
    model = nn.Sequential(layer)
    aware = IntegerAwareness(model, {"0": Grid(0.5, -1, 2)})
    x = torch.tensor([[0.75], [-0.25], [5.0], [-1.1]], requires_grad=True)
    y = model(x)
    # Ties go up; filters within the limits are rounded, others are not.
    expected = [[0.5, 8.3, 1.2, 98], [0.5, 7.3, 2.2, 99], [1.5, 9.3, 0.2, 97], [1.5, 6.3, 3.2, 100]]
    assert torch.allclose(-y, torch.tensor(expected))
    y.sum().backward()
    assert x.grad is not None and layer.parametrizations["adder"].original.grad is not None
    # Nothing passes to inputs beyond the limits.
    assert x.grad.flatten().tolist()[2:] == [0, 0]
    aware.remove()
    assert layer.unit == 1 and layer.adder.flatten().tolist() == pytest.approx([0.6, -7.3, 2.2, 99.0])


def test_refuses_what_it_cannot_round() -> None:
    model = nn.Sequential(Adder2d(1, 1, 1))
    with pytest.raises(ValueError, match="no grid has the name of an adder layer; grids are of 'a'"):
        IntegerAwareness(model, {"a": Grid(1, 0, 1)})
    with pytest.raises(ValueError, match=r"filters of '0' are made of others; .*fold"):
        IntegerAwareness(filter_norm(model), {"0": Grid(1, 0, 1)})
