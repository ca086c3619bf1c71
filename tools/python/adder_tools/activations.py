"""Activation functions of PyTorch as graph operations."""

from collections.abc import Callable
from typing import Any

from .lowering import Lowering
from .registry import FUNCTIONS, translates
from .values import Unsupported, Value


@translates("relu")
def _relu(t: Lowering, input: Value, inplace: bool = False) -> Value:
    return t.make("relu", [input])


@translates("relu6")
def _relu6(t: Lowering, input: Value, inplace: bool = False) -> Value:
    return t.make("relu6", [input])


@translates("leaky_relu")
def _leaky_relu(
    t: Lowering, input: Value, negative_slope: float = 0.01, inplace: bool = False
) -> Value:
    return t.make("leaky_relu", [input], {"slope": float(negative_slope)})


@translates("prelu", "_prelu_kernel")
def _prelu(t: Lowering, input: Value, weight: Any) -> Value:
    return t.make("prelu", [input], {}, {"weight": t.constant(weight, "weight")})


@translates("gelu")
def _gelu(t: Lowering, input: Value, approximate: str = "none") -> Value:
    return t.make("gelu", [input], {} if approximate == "none" else {"approximate": approximate})


def _function(op: str) -> Callable[..., Value]:
    """The translation of a function of each element, without an argument of its own."""
    def translate(t: Lowering, input: Value, inplace: bool = False) -> Value:
        return t.make(op, [input])

    return translate


for _name, _op in (
    ("hardswish", "hard_swish"), ("hardsigmoid", "hard_sigmoid"), ("sigmoid", "sigmoid"),
    ("tanh", "tanh"), ("silu", "silu"),
):
    FUNCTIONS[_name] = _function(_op)


@translates("hardtanh", "clamp", "clip", "clamp_min")
def _clamp(
    t: Lowering, input: Value, min_val: Any = None, max_val: Any = None, inplace: bool = False,
    *, min: Any = None, max: Any = None,
) -> Value:
    if t.name() == "hardtanh" or t.name() == "":
        min_val, max_val = -1 if min_val is None else min_val, 1 if max_val is None else max_val
    limits = (min if min_val is None else min_val, max if max_val is None else max_val)
    if limits == (0, 6):
        return t.make("relu6", [input])
    if limits[0] == 0 and limits[1] is None:
        return t.make("relu", [input])
    raise Unsupported(f"a clamp to {limits[0]}...{limits[1]}; adderc clamps to 0... and 0...6")
