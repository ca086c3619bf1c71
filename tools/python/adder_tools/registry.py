"""The names of PyTorch's operations, and the translations that translate.py registers for them."""

import operator
from collections.abc import Callable
from typing import Any, TypeVar

import torch.nn.functional as F

from .values import Unsupported
from .vocabulary import OPERATIONS

#: For each operation its translation.
FUNCTIONS: dict[str, Callable[..., Any]] = {}
_Translation = TypeVar("_Translation", bound=Callable[..., Any])

#: What to do instead of operations that adderc has not.
REMEDIES = {
    "softmax": "return its argument, the logits: their order is that of the probabilities",
    "log_softmax": "return its argument, the logits: their order is that of the probabilities",
    "conv_transpose2d": "use upsample_nearest or pixel_shuffle and a convolution",
    "layer_norm": "train with batch norm, which folds into layers",
    "group_norm": "train with batch norm, which folds into layers",
    "instance_norm": "train with batch norm, which folds into layers",
}

_NAMES = {
    id(F.max_pool2d): "max_pool2d", id(F.adaptive_max_pool2d): "adaptive_max_pool2d",
    id(F.unfold): "im2col", id(F.batch_norm): "functional_batch_norm",
    id(operator.truediv): "div", id(operator.itruediv): "div", id(operator.iadd): "add",
    id(operator.isub): "sub", id(operator.imul): "mul",
}


def operation_name(target: Any) -> str:
    """One name for an operation as torch.fx, torch.export or a method call it."""
    if id(target) in _NAMES:
        return _NAMES[id(target)]
    name = target if isinstance(target, str) else getattr(target, "__name__", str(target))
    name = name.split(".")[0]  # ATen's overloads
    return name if name.endswith("__") else name.rstrip("_")


def unknown(name: str) -> Unsupported:
    """An operation that the table has not."""
    remedy = REMEDIES.get(name)
    return Unsupported(
        f"{name}: adderc has no such operation" + (f"; {remedy}" if remedy else ""))


def known_operations() -> str:
    """The operations that adderc has, for messages."""
    return ", ".join(OPERATIONS)


def translates(*names: str) -> Callable[[_Translation], _Translation]:
    """Registers a function as the translation of operations."""
    def add(function: _Translation) -> _Translation:
        for name in names:
            FUNCTIONS[name] = function
        return function

    return add
