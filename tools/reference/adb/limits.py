"""The largest numbers docs/adb-format.md allows, where an element type does not give them."""

TENSORS = 4096
OPERATIONS = 4096
BINDINGS = 64
TENSOR_EXTENT = 2**20  # height, width or channels
TENSOR_BYTES = 2**28
WINDOW_EXTENT = 4096  # kernel, stride or dilation
PADDING = 255
PATCH_ELEMENTS = 65535
INPUT_SHIFT = 15
SEGMENT_SHIFT = 15  # of a table of lines
SHIFT, WIDE_SHIFT = 31, 62  # of a requantizer and of its terms
TERMS = 8
PLANES = 31
EXAMINED_BYTES = 2**28  # of tables, filters and digits, each time an operation names them
CONCAT_INPUTS = 64
FACTOR = 64
LEVELS = 16  # of a detector
CANDIDATES = 4096
CLASSES = 65535
COORDINATE = 65535  # the largest extent of the image in a detector's units
STRIDE_SHIFT = 10
RESCALE_SHIFTS = -23, 30
