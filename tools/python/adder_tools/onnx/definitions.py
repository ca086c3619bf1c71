"""The operators of the domain `ai.addernet`, docs/onnx.md: schemas, and bodies in plain ONNX."""

from collections.abc import Iterable

import onnx
import onnx.parser
from onnx.defs import OpSchema

DOMAIN = "ai.addernet"
VERSION = 1
#: Operators with weights; those of a compiled model's structure begin with `Integer`.
LAYERS = ("Adder2d", "AdderLinear")

# A convolution by an identity lays the windows out, and one by minus one takes the bias that may be
# left out.
_BODIES = {
    "Adder2d": """
<domain: "ai.addernet", opset_import: ["" : 18]>
Adder2d <strides, pads, dilations, group>(x, weight, bias) => (y) {
  one = Constant <value_ints: ints = [1]> ()
  rest = Constant <value_ints: ints = [-1]> ()
  number = Constant <value_int: int = @group> ()
  groups = Reshape (number, one)
  window = Shape <start: int = 1> (weight)
  size = ReduceProd <keepdims: int = 1> (window)
  square = Concat <axis: int = 0> (size, size)
  zeros = ConstantOfShape (square)
  diagonal = EyeLike (zeros)
  identity = CastLike (diagonal, x)
  copies_shape = Concat <axis: int = 0> (groups, square)
  copies = Expand (identity, copies_shape)
  taps_shape = Concat <axis: int = 0> (rest, window)
  taps = Reshape (copies, taps_shape)
  columns = Conv <strides: ints = @strides, pads: ints = @pads, dilations: ints = @dilations,
                  group: int = @group> (x, taps)
  count = Shape <start: int = 0, end: int = 1> (columns)
  extents = Shape <start: int = 2> (columns)
  windows_shape = Concat <axis: int = 0> (count, groups, one, size, rest)
  windows = Reshape (columns, windows_shape)
  filters_shape = Concat <axis: int = 0> (one, groups, rest, size, one)
  filters = Reshape (weight, filters_shape)
  differences = Sub (windows, filters)
  distances = Abs (differences)
  axis = Constant <value_ints: ints = [3]> ()
  sums = ReduceSum <keepdims: int = 0> (distances, axis)
  outputs = Shape <start: int = 0, end: int = 1> (weight)
  images_shape = Concat <axis: int = 0> (count, outputs, extents)
  images = Reshape (sums, images_shape)
  outputs_square = Concat <axis: int = 0> (outputs, outputs)
  outputs_zeros = ConstantOfShape (outputs_square)
  outputs_diagonal = EyeLike (outputs_zeros)
  outputs_identity = CastLike (outputs_diagonal, x)
  negated = Neg (outputs_identity)
  last = Constant <value_ints: ints = [2, 3]> ()
  minus = Unsqueeze (negated, last)
  y = Conv (images, minus, bias)
}""",
    "AdderLinear": """
<domain: "ai.addernet", opset_import: ["" : 18]>
AdderLinear (x, weight, bias) => (y) {
  middle = Constant <value_ints: ints = [1]> ()
  rows = Unsqueeze (x, middle)
  differences = Sub (rows, weight)
  distances = Abs (differences)
  axis = Constant <value_ints: ints = [2]> ()
  sums = ReduceSum <keepdims: int = 0> (distances, axis)
  outputs = Shape <start: int = 0, end: int = 1> (weight)
  square = Concat <axis: int = 0> (outputs, outputs)
  zeros = ConstantOfShape (square)
  diagonal = EyeLike (zeros)
  identity = CastLike (diagonal, x)
  minus = Neg (identity)
  y = Gemm (sums, minus, bias)
}""",
}


def body(name: str, opset: int) -> onnx.FunctionProto:
    """An operator as a function of plain ONNX, with which any runtime runs a file.

    Its values are those of the operator, but for the rounding of sums; it takes the memory of all
    differences of an image.

    Args:
        opset: the version of ONNX that the file has, 18 or later.
    """
    text = _BODIES[name].replace('"" : 18', f'"" : {opset}')
    return onnx.parser.parse_function(text)


def missing_bodies(nodes: Iterable[onnx.NodeProto], known: Iterable[str], opset: int) -> list[
    onnx.FunctionProto
]:
    """The bodies that a file still needs for the operators of its nodes."""
    used = {node.op_type for node in nodes if node.domain == DOMAIN}
    wanted = [name for name in LAYERS if name in used and name not in set(known)]
    return [body(name, opset) for name in wanted] if opset >= 18 else []


def register_schemas() -> None:
    """Makes onnx's checker, and what builds on it, know the operators."""
    parameter, optional = OpSchema.FormalParameter, OpSchema.FormalParameterOption.Optional
    attribute, integers = OpSchema.Attribute, OpSchema.AttrType.INTS
    for name in LAYERS:
        if onnx.defs.has(name, DOMAIN):
            continue
        attributes = [] if name == "AdderLinear" else [
            *(attribute(key, integers, required=False) for key in ("strides", "pads", "dilations")),
            attribute("group", onnx.helper.make_attribute("group", 1)),
        ]
        onnx.defs.register_schema(OpSchema(
            name, DOMAIN, VERSION,
            doc="y = -sum |x - weight| + bias; docs/onnx.md of Adder has all of it.",
            inputs=[
                parameter("x", "T"), parameter("weight", "T"),
                parameter("bias", "T", param_option=optional)],
            outputs=[parameter("y", "T")],
            type_constraints=[
                ("T", ["tensor(float16)", "tensor(float)", "tensor(double)"], "floating point")],
            attributes=attributes))
