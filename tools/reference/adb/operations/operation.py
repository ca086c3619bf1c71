"""What the operations have in common."""

from ..groups import Window
from ..layout import Record


class Operation(Record):
    """A record, its rules and its arithmetic.

    Subclasses have a `name`, as the document spells it, and `evaluate`, which takes the arrays
    [N, H, W, C] of the tensors in `reads` and returns the output's.
    """

    START = 4  # opcode and recordByteCount precede the fields
    TAKES_RESIDUAL = False
    shareable = ()  # the tensors among `reads` whose place the output may take
    scratch = None  # first byte and end of the scratch area in the arena

    def entry_counts(self, output):
        """How many entries the requantizer may have."""
        return 1, output.channels

    @property
    def reads(self):
        """The tensors in the fields, without the output; layers add their residual."""
        reads = []
        for field in self.layout.fields:
            if field.type == "tensor" and field.name != "output":
                value = getattr(self, field.attribute)
                reads += value if field.is_list else [value]
        return reads


class Windowed(Operation):
    """A window moves over the input."""

    FIELDS = [("input", "tensor"), ("output", "tensor"), ("window", Window)]

    def check(self, at, context):
        output = context.output
        extent = self.window.output_extent(context.source.height, context.source.width)
        if min(extent) < 1:
            raise at.error("window", f"the window gives an output of {list(extent)}")
        if (output.height, output.width) != extent:
            raise at.error(
                "output", f"tensor {self.output} has {output.height} x {output.width}"
                f" positions, expected {extent[0]} x {extent[1]}")


class Pool(Windowed):
    """Each channel of the window for itself."""

    def check(self, at, context):
        super().check(at, context)
        channels = context.source.channels
        if context.output.channels != channels:
            raise at.error(
                "output", f"tensor {self.output} has {context.output.channels} channels,"
                f" expected {channels}")


class Copy(Operation):
    """Elements of one input change their places; `output_shape` says the size of the output."""

    FIELDS = [("input", "tensor"), ("output", "tensor")]

    def check(self, at, context):
        context.expect_same_type(at, "output", self.input, self.output)
        context.expect_shape(at, "output", self.output, self.output_shape(*context.source.shape))
