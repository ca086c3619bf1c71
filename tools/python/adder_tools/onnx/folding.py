"""Nodes of an ONNX file that depend on constants alone: computed by onnx's own operators."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from ..values import Unsupported

#: Operators whose results are as large as their inputs, broadcast.
_ELEMENTWISE = {
    "Abs", "Add", "And", "BitShift", "Cast", "CastLike", "Ceil", "Clip", "Div", "Equal", "Exp",
    "Floor", "Greater", "GreaterOrEqual", "Identity", "Less", "LessOrEqual", "Log", "Max", "Min",
    "Mod", "Mul", "Neg", "Not", "Or", "Pow", "Reciprocal", "Round", "Sign", "Sqrt", "Sub", "Sum",
    "Where", "Xor",
}
#: Those whose results are no larger than the sum of their inputs.
_RESHAPING = {
    "Concat", "Flatten", "ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
    "ReduceSum", "ReduceSumSquare", "Reshape", "Shape", "Size", "Slice", "Split", "Squeeze",
    "Transpose", "Unsqueeze",
}
Arrays = list[NDArray[Any]]


class Folding:
    """Computes constants, of at most four times as many elements as the file has bytes."""

    def __init__(self, byte_count: int, opset: int) -> None:
        self.left = max(1 << 20, 4 * byte_count)
        self.opset = opset

    def run(self, node: onnx.NodeProto, inputs: Sequence[NDArray[Any] | None]) -> Arrays:
        """What a node gives for constants.

        Raises: Unsupported for operators other than those of shapes and of simple arithmetic, and for
            results that are too large.
        """
        given = [array for array in inputs if array is not None]
        try:
            size = _result_size(node, given)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise Unsupported(f"constants that do not fit: {error}") from None
        if size is None:
            raise Unsupported(
                f"{node.op_type} of constants; run onnxsim or onnxruntime's offline optimization, "
                "which put its result in the file")
        self.left -= size
        if self.left < 0:
            raise Unsupported("constants that grow beyond what a file of this size calls for")
        try:
            names = [name for name in node.input if name]
            graph = onnx.GraphProto(
                name="constants", node=[node],
                input=[onnx.ValueInfoProto(name=name) for name in dict.fromkeys(names)],
                output=[onnx.ValueInfoProto(name=name) for name in node.output if name])
            evaluator = ReferenceEvaluator(graph, opsets={"": self.opset})
            feeds = dict(zip(names, given))
            with np.errstate(all="ignore"):
                return [np.asarray(value) for value in evaluator.run(None, feeds)]
        except MemoryError:
            raise
        except Exception as error:  # Any: onnx has no class for what nodes can have wrong.
            text = " ".join(str(error).split())[:200]
            raise Unsupported(f"{node.op_type} of constants: {text}") from None


def _result_size(node: onnx.NodeProto, inputs: Sequence[NDArray[Any]]) -> int | None:
    """At most so many elements, before anything is computed; none for other operators."""
    if node.domain not in ("", "ai.onnx"):
        return None
    kind = node.op_type
    if kind in _ELEMENTWISE:
        return math.prod(np.broadcast_shapes(*(array.shape for array in inputs)))
    if kind in _RESHAPING:
        return sum(array.size for array in inputs) + 1
    if kind == "Constant":
        return 1  # It is in the file.
    if kind == "ConstantOfShape":
        return math.prod(int(extent) for extent in inputs[0])
    if kind == "Expand":
        return math.prod(np.broadcast_shapes(
            inputs[0].shape, tuple(int(extent) for extent in inputs[1])))
    if kind == "Tile":
        return inputs[0].size * math.prod(int(count) for count in inputs[1])
    if kind == "Gather":
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        return int(inputs[0].size // max(1, inputs[0].shape[axis]) * inputs[1].size)
    if kind == "Range":
        start, limit, delta = (float(array) for array in inputs)
        return max(0, math.ceil((limit - start) / delta))
    if kind == "MatMul":
        return int(inputs[0].size // max(1, inputs[0].shape[-1]) * inputs[1].shape[-1])
    return None
