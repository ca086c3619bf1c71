"""Filters whose mean and variance are learned scalars, so that outputs stay in bounds."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize

from .layers import Adder2d, AdderLinear, adder_layers


class FilterNorm(nn.Module):
    """f[o] = gain[o] · (w[o] − mean(w[o])) / √(var(w[o]) + ε) + shift[o].

    The variance of an adder layer's output grows with those of its input and of its filters, so that
    filters which drift in training take batch norm's statistics with them. Here their mean and variance
    are learned apart from their direction. It is a function of parameters alone: `fold` replaces it by
    its result, and a compiled network has no trace of it.

    This is one way to normalize filters, not the formula of a paper.
    """

    epsilon = 1e-5

    def __init__(self, filters: Tensor) -> None:
        """Begins with the mean and the deviation that the filters, [O, …], have."""
        super().__init__()
        rows = filters.detach().flatten(1)
        self.gain = nn.Parameter((rows.var(1, unbiased=False) + self.epsilon).sqrt())
        self.shift = nn.Parameter(rows.mean(1))

    def forward(self, filters: Tensor) -> Tensor:
        rows = filters.flatten(1)
        centred = rows - rows.mean(1, keepdim=True)
        scale = self.gain[:, None] / (centred.square().mean(1, keepdim=True) + self.epsilon).sqrt()
        return (centred * scale + self.shift[:, None]).view_as(filters)

    def right_inverse(self, filters: Tensor) -> Tensor:
        """Filters that give these, if gain and shift are theirs."""
        return filters


def filter_norm(model: nn.Module) -> nn.Module:
    """Normalizes the filters of every adder layer of a model, which it changes and returns."""
    for layer in adder_layers(model):
        if not parametrize.is_parametrized(layer, "adder"):
            parametrize.register_parametrization(layer, "adder", FilterNorm(layer.adder))
    return model


def fold(model: nn.Module) -> nn.Module:
    """Makes plain parameters of normalized filters, of any parametrization; changes and returns the
    model. A checkpoint of what it returns is that of a network without normalization."""
    for layer in adder_layers(model):
        if parametrize.is_parametrized(layer, "adder"):
            parametrize.remove_parametrizations(layer, "adder", leave_parametrized=True)
    return model


def filter_parameter(layer: Adder2d | AdderLinear) -> nn.Parameter:
    """The parameter that an optimizer moves the filters of a layer by."""
    if parametrize.is_parametrized(layer, "adder"):
        return layer.parametrizations["adder"].original  # type: ignore[index, union-attr, no-any-return]
    assert isinstance(layer.adder, nn.Parameter)
    return layer.adder

