"""Training on the numbers that a network is compiled to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ..grids import Grid
from .layers import Adder2d, AdderLinear


class _Rounded(torch.autograd.Function):
    """The nearest number of a grid; gradients pass within its limits, as if nothing were rounded
    (Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons", 2013)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, grid: Grid) -> Tensor:
        ctx.save_for_backward((x >= grid.lowest) & (x <= grid.highest))
        # Ties go up, as the runtime's shift rounds.
        return (x / grid.step + 0.5).floor().mul(grid.step).clamp(grid.lowest, grid.highest)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0] * ctx.saved_tensors[0], None


class _RoundedFilters(nn.Module):
    """f → the nearest number of the grid; beyond its limits f itself.

    The compiler clips filters to the limits without loss: for x within them, |x − f| is |x − clip(f)|
    and a constant, which it puts into the bias.
    """

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid

    def forward(self, filters: Tensor) -> Tensor:
        inside = (filters >= self.grid.lowest) & (filters <= self.grid.highest)
        rounding = (filters / self.grid.step).round().mul(self.grid.step) - filters
        return filters + (rounding * inside).detach()


class IntegerAwareness:
    """Makes the adder layers of a model compute on the numbers that they are compiled to.

    Their inputs are rounded and clipped to the grids of a compiled model and filters are rounded, while
    gradients pass straight through. In the gradient of x, differences are clipped beyond one step instead of
    beyond 1. Not modelled are requantizers' factors of 8 bits and the 8-bit weights of convolutions, which move
    single numbers by a step. Layers that read images, which keep their 8 bits, are left as they are.

    Train, `remove()` it, and compile with `--scales-from` the model that the grids come from: that takes
    its scales, and factors from batch norm as it was trained, where `--calibrate` would fit them to
    a network without rounding.

    Args:
        model: with `Adder2d` and `AdderLinear` layers, whose filters are plain (`fold`).
        grids: `adder_tools.patch_grids("net.adb")`, by the path of a layer in the model.

    Raises:
        ValueError: no grid is of a layer of this model, or a layer's filters are made of others.
    """

    def __init__(self, model: nn.Module, grids: Mapping[str, Grid]) -> None:
        layers = {
            name: layer for name, layer in model.named_modules()
            if isinstance(layer, (Adder2d, AdderLinear)) and name in grids}
        if not layers:
            raise ValueError(
                "no grid has the name of an adder layer; grids are of"
                f" {', '.join(map(repr, list(grids)[:8])) or 'no layer'}")
        for name, layer in layers.items():
            if parametrize.is_parametrized(layer, "adder"):
                raise ValueError(
                    f"the filters of '{name}' are made of others; adder_tools.nn.fold(model) first")
        self._layers = list(layers.values())
        self._hooks = []
        for name, layer in layers.items():
            parametrize.register_parametrization(layer, "adder", _RoundedFilters(grids[name]))
            layer.unit = grids[name].step
            self._hooks.append(layer.register_forward_pre_hook(self._rounding(grids[name])))

    @staticmethod
    def _rounding(grid: Grid) -> Any:
        def rounded(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return (_Rounded.apply(inputs[0], grid), *inputs[1:])

        return rounded

    def remove(self) -> None:
        """Leaves the trained filters as they were before rounding, which the compiler does again."""
        for hook in self._hooks:
            hook.remove()
        for layer in self._layers:
            filters = layer.parametrizations["adder"].original.detach()  # type: ignore[index, union-attr]
            parametrize.remove_parametrizations(layer, "adder")
            with torch.no_grad():
                layer.adder.copy_(filters)
            layer.unit = 1.0
        self._hooks, self._layers = [], []
