"""The operations of docs/adb-format.md and docs/arithmetic.md, one a module."""

from ..context import Context
from ..layout import Layout
from .add import Add
from .adder2d import Adder2D
from .average_pool import AveragePool
from .channel_shuffle import ChannelShuffle
from .concat import Concat
from .conv2d import Conv2D
from .depth_to_space import DepthToSpace
from .flatten import Flatten
from .lookup import Lookup
from .max_pool import MaxPool
from .pad import Pad
from .requantize import Requantize
from .upsample_nearest import UpsampleNearest

OPERATIONS = {  # by opcode
    1: Adder2D,
    2: Conv2D,
    3: Requantize,
    4: Add,
    5: MaxPool,
    6: AveragePool,
    7: Concat,
    8: UpsampleNearest,
    9: Pad,
    10: Flatten,
    11: DepthToSpace,
    12: Lookup,
    13: ChannelShuffle,
}
HEADER = Layout([("opcode", "u16"), ("recordByteCount", "u16")])


def decode_operation(reader, offset, end, context):
    """Returns the operation whose record is at `offset`, and the offset of the next."""
    at = HEADER.read(reader, offset, end=end)
    if at["opcode"] not in OPERATIONS:
        raise at.error("opcode", f"opcode {at['opcode']} is unknown to format version 1")
    kind = OPERATIONS[at["opcode"]]
    tensors = 0, len(context.tensors) - 1
    fields = kind.layout.read(reader, offset, {"tensor": tensors}, end)
    at.expect("recordByteCount", fields.end - offset)
    return kind.decode(fields, context), fields.end


def encode_operation(operation, tensors, constants):
    """The bytes of a record; `constants`, a bytearray, receives what it refers to."""
    fields = operation.encode(Context(tensors, constants, operation))
    opcode = next(code for code, kind in OPERATIONS.items() if kind is type(operation))
    return HEADER.pack({
        "opcode": opcode, "recordByteCount": HEADER.byte_count + len(fields)}) + fields
