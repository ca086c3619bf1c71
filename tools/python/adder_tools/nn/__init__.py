"""Adder layers for PyTorch, and what trains them."""

from .distillation import KernelDistillation, soft_target_loss
from .functional import adder_sums
from .integers import IntegerAwareness
from .layers import Adder2d, AdderLinear, adder_layers
from .normalization import FilterNorm, filter_norm, fold
from .optimization import AdaptiveRate, PowerSchedule

__all__ = [
    "Adder2d", "AdderLinear", "AdaptiveRate", "FilterNorm", "IntegerAwareness", "KernelDistillation",
    "PowerSchedule", "adder_layers", "adder_sums", "filter_norm", "fold", "soft_target_loss",
]
