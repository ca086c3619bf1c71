"""The decoded form of an `.adb` file.

Fields that follow from others (steps, counts, offsets of constants) are not kept: `format.decode`
checks them and `encode.encode` computes them.
"""

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

import numpy as np

U8, I16, I32 = 1, 2, 3
ELEMENT_DTYPES = {U8: np.dtype("<u1"), I16: np.dtype("<i2"), I32: np.dtype("<i4")}
ELEMENT_NAMES = {U8: "u8", I16: "i16", I32: "i32"}


def element_range(element_type):
    """The lowest and highest value of an element type."""
    limits = np.iinfo(ELEMENT_DTYPES[element_type])
    return int(limits.min), int(limits.max)


@dataclass
class Tensor:
    height: int
    width: int
    channels: int
    element_type: int
    zero_point: int = 0
    scale: float = 1.0
    arena_offset: int = 0

    @property
    def shape(self):
        return (self.height, self.width, self.channels)

    @property
    def element_byte_count(self):
        return ELEMENT_DTYPES[self.element_type].itemsize

    @property
    def byte_count(self):
        return self.height * self.width * self.channels * self.element_byte_count


@dataclass
class Window:
    kernel_height: int
    kernel_width: int
    stride_height: int = 1
    stride_width: int = 1
    pad_top: int = 0
    pad_left: int = 0
    pad_bottom: int = 0
    pad_right: int = 0
    dilation_height: int = 1
    dilation_width: int = 1

    def output_extent(self, height, width):
        """Height and width of the output; below 1 if the window does not fit."""
        rows = height + self.pad_top + self.pad_bottom
        columns = width + self.pad_left + self.pad_right
        return (
            (rows - self.dilation_height * (self.kernel_height - 1) - 1)
            // self.stride_height + 1,
            (columns - self.dilation_width * (self.kernel_width - 1) - 1)
            // self.stride_width + 1,
        )


@dataclass
class Entry:
    """One channel of a requantizer: terms are pairs (sign, left shift)."""

    centre: int
    bias: int
    terms: List[Tuple[int, int]] = field(default_factory=list)


@dataclass
class Requantizer:
    shift: int
    output_min: int
    output_max: int
    entries: List[Entry]
    wide: bool = False
    residual: Optional[int] = None


@dataclass
class Patch:
    groups: int
    input_channels: int
    output_channels: int
    element_type: int
    pad_values: np.ndarray  # [groups * input_channels], of the patch's type
    converts: bool = False
    input_shift: int = 0
    input_offset: int = 0
    patch_min: int = 0
    patch_max: int = 0
    scratch_offset: int = 0

    def element_count(self, window):
        return window.kernel_height * window.kernel_width * self.input_channels

    def word_count(self, window):
        byte_count = self.element_count(window) * ELEMENT_DTYPES[self.element_type].itemsize
        return (byte_count + 3) // 4

    def scratch_byte_count(self, window):
        return 8 * self.word_count(window)


@dataclass
class Adder2D:
    input: int
    output: int
    window: Window
    requantizer: Requantizer
    patch: Patch
    filters: np.ndarray  # [groups, output_channels, K], of the patch's type


@dataclass
class Conv2D:
    input: int
    output: int
    window: Window
    requantizer: Requantizer
    patch: Patch
    # For each output channel its planes, most significant first: (added taps, subtracted taps).
    planes: List[List[Tuple[List[int], List[int]]]]


@dataclass
class Requantize:
    input: int
    output: int
    requantizer: Requantizer


@dataclass
class Add:
    first: int
    second: int
    output: int
    requantizer: Requantizer
    second_entry: Entry


@dataclass
class MaxPool:
    input: int
    output: int
    window: Window


@dataclass
class AveragePool:
    input: int
    output: int
    window: Window
    requantizer: Requantizer
    pad_values: np.ndarray  # [channels], of the input's type


@dataclass
class Concat:
    inputs: List[int]
    output: int


@dataclass
class UpsampleNearest:
    input: int
    output: int
    factor_height: int
    factor_width: int


@dataclass
class Pad:
    input: int
    output: int
    pad_top: int
    pad_left: int
    pad_bottom: int
    pad_right: int
    pad_values: np.ndarray  # [channels], of the input's type


@dataclass
class Flatten:
    input: int
    output: int


OPCODES = {
    Adder2D: 1, Conv2D: 2, Requantize: 3, Add: 4, MaxPool: 5, AveragePool: 6, Concat: 7,
    UpsampleNearest: 8, Pad: 9, Flatten: 10,
}
OPERATION_NAMES = {
    Adder2D: "adder2d", Conv2D: "conv2d", Requantize: "requantize", Add: "add",
    MaxPool: "maxPool", AveragePool: "averagePool", Concat: "concat",
    UpsampleNearest: "upsampleNearest", Pad: "pad", Flatten: "flatten",
}


@dataclass
class Model:
    tensors: List[Tensor]
    operations: list
    inputs: List[int]
    outputs: List[int]
    arena_byte_count: int = 0
    # For each input (means, standard deviations), each with one float a channel.
    normalization: Optional[List[Tuple[List[float], List[float]]]] = None
    names: Optional[List[str]] = None  # the model's, one a tensor, one an operation
    class_names: Optional[List[str]] = None


def tensors_read(operation):
    """Tensors an operation reads as its inputs, without a residual."""
    if isinstance(operation, Concat):
        return list(operation.inputs)
    if isinstance(operation, Add):
        return [operation.first, operation.second]
    return [operation.input]


def residual_of(operation):
    """The tensor an operation adds after its shift, or None."""
    requantizer = getattr(operation, "requantizer", None)
    return requantizer.residual if requantizer is not None else None


def scratch_range(operation):
    """First byte and end of an operation's scratch area in the arena, or None."""
    patch = getattr(operation, "patch", None)
    if patch is None:
        return None
    start = patch.scratch_offset
    return start, start + patch.scratch_byte_count(operation.window)
