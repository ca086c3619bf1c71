"""An ONNX file run by onnxruntime, or by onnx itself, to compare with."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from .building import first_line
from .definitions import DOMAIN, missing_bodies
from .reading import LARGEST_FILE, OnnxFile

Array = NDArray[np.float32]


def outputs_of(file: OnnxFile, inputs: dict[str, Array], live: set[int]) -> tuple[
    list[Array] | None, str
]:
    """What the file gives, and what computed it, or none and why nothing did.

    Args:
        inputs: by the file's names.
        live: the indices of the nodes on which an output depends; the others are left out.
    """
    elements = {value.type.tensor_type.elem_type for value in file.graph.input}
    if elements - {TensorProto.FLOAT} or file.notes:
        return None, "it is not all in single precision"
    if file.byte_count > LARGEST_FILE // 2:
        return None, "it is too large for protobuf with its weights inside"
    model = _whole(file, live)
    reasons = []
    try:
        import onnxruntime  # type: ignore[import-untyped]

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return [np.asarray(a) for a in session.run(None, inputs)], "onnxruntime"
    except ImportError:
        pass
    except Exception as error:  # Any: its classes are private.
        reasons.append(f"onnxruntime: {first_line(error)}")
    try:
        from onnx.reference import ReferenceEvaluator

        results = ReferenceEvaluator(model).run(None, inputs)
        return [np.asarray(a) for a in results], "onnx"
    except Exception as error:  # Any: a node's.
        reasons.append(f"onnx: {first_line(error)}")
    return None, "; ".join(reasons)


def _whole(file: OnnxFile, live: Sequence[int] | set[int]) -> onnx.ModelProto:
    """The file with its weights inside, its bodies for adder layers, and what its outputs need."""
    model = onnx.ModelProto()
    model.CopyFrom(onnx.ModelProto(
        ir_version=file.model.ir_version, opset_import=file.model.opset_import,
        functions=file.model.functions))
    nodes = [file.graph.node[index] for index in sorted(live)]
    read = {name for node in nodes for name in node.input}
    model.graph.name = file.graph.name or "graph"
    model.graph.node.extend(nodes)
    for node in model.graph.node:
        if node.domain == DOMAIN and len(node.input) == 2:
            node.input.append("")  # onnx wants an input of a function said to be left out.
    model.graph.input.extend(file.graph.input)
    model.graph.output.extend(file.graph.output)
    for name, tensor in file.initializers.items():
        if name in read and tensor.data_location == TensorProto.EXTERNAL:
            tensor = numpy_helper.from_array(file.array(tensor, name), name)
        if name in read:
            model.graph.initializer.append(tensor)
    known = {function.name for function in model.functions}
    model.functions.extend(missing_bodies(nodes, known, file.opset))
    if model.functions:
        model.ir_version = max(model.ir_version, 8)
    return model
