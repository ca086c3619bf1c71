"""How filters are moved: the adaptive local learning rate, and the fall from ℓ2 to ℓ1."""

from __future__ import annotations

import math
from typing import Any, Callable

import torch
from torch import nn

from .layers import adder_layers
from .normalization import filter_parameter


class AdaptiveRate:
    """An optimizer that scales the gradient of each adder layer's filters before it steps, to
    η·√k·g / ‖g‖₂ (Chen et al., CVPR 2020, section 3.3): k elements in the filters, η 0.2 there.

    Gradients of adder layers differ by orders of magnitude from layer to layer. All else is the
    optimizer's: a learning rate schedule is given `optimizer`, `state_dict` is that one's.

        optimizer = AdaptiveRate(torch.optim.SGD(model.parameters(), lr=0.1), model)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.optimizer, steps)
    """

    def __init__(
            self, optimizer: torch.optim.Optimizer, model: nn.Module, rate: float = 0.2) -> None:
        if not rate > 0:
            raise ValueError(f"rate: expected more than 0, found {rate}")
        self.optimizer, self.model, self.rate = optimizer, model, rate

    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Scales gradients and steps; a closure, which computes gradients anew, is called first."""
        loss = None if closure is None else closure()
        for layer in adder_layers(self.model):
            gradient = filter_parameter(layer).grad
            if gradient is not None:
                gradient.mul_(
                    self.rate * math.sqrt(gradient.numel()) / gradient.norm().clamp_min(1e-12))
        self.optimizer.step()
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.optimizer.zero_grad(set_to_none=set_to_none)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["optimizer"], name)


class PowerSchedule:
    """Lets the power of all adder layers' differences fall from 2 to 1 along a line.

    |x − f|² has gradients everywhere, |x − f| is what the device computes; followers of Chen et al. begin
    with the one and end with the other. Above power 1 the gradients are the derivatives. The compiler
    takes a network once `is_done`.

    Args:
        steps: calls of `step` until the power is 1.
    """

    def __init__(self, model: nn.Module, steps: int, first: float = 2.0) -> None:
        if steps < 1 or not 1 <= first <= 2:
            raise ValueError(f"expected steps from 1 and a power of 1 to 2, found {steps} and {first}")
        self.layers, self.steps, self.first, self.count = adder_layers(model), steps, first, 0
        self._set()

    @property
    def power(self) -> float:
        left = max(0, self.steps - self.count)
        return 1 + (self.first - 1) * left / self.steps

    @property
    def is_done(self) -> bool:
        return self.power == 1

    def step(self) -> None:
        """After each batch, or epoch."""
        self.count += 1
        self._set()

    def _set(self) -> None:
        for layer in self.layers:
            layer.power = self.power
