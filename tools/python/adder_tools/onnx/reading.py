"""ONNX files as inert data: parsed, checked, and their tensors, wherever they lie."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from ..errors import AdderError
from .definitions import DOMAIN, LAYERS, VERSION
from .places import printable

#: What protobuf takes in one file.
LARGEST_FILE = (1 << 31) - 1
#: The elements that a value of the network may have on the example.
LARGEST_VALUE = 1 << 28
#: The first version whose operators are those of today, but for attributes that became inputs.
OLDEST_OPSET = 11
_FLOATS = {TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}
_KNOWN = {
    TensorProto.FLOAT, *_FLOATS, TensorProto.INT64, TensorProto.INT32, TensorProto.INT16,
    TensorProto.INT8, TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64,
    TensorProto.BOOL,
}


@dataclass
class OnnxFile:
    """A parsed file, none of whose tensors are read yet."""

    path: Path
    model: onnx.ModelProto
    #: The version of ONNX's own operators.
    opset: int
    #: The file's bytes, those of external data included as they are read.
    byte_count: int
    initializers: dict[str, TensorProto]
    notes: list[str] = field(default_factory=list)

    @property
    def graph(self) -> onnx.GraphProto:
        """The network."""
        return self.model.graph

    def error(self, text: str, exit_code: int = 65) -> AdderError:
        """An error of this file."""
        return AdderError(f"{self.path}: {text}", exit_code)

    def array(self, tensor: TensorProto, name: str) -> NDArray[Any]:
        """The numbers of a tensor; half, bfloat16 and double ones as single precision.

        Raises: AdderError where they are not there, or not as many as its dimensions say.
        """
        place = f"the tensor '{printable(name)}'"
        kind = tensor.data_type
        if kind not in _KNOWN:
            known = kind in TensorProto.DataType.values()
            type_name = TensorProto.DataType.Name(kind) if known else str(kind)
            raise self.error(f"{place} is of the type {type_name}; adderc takes single precision", 69)
        item = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind)).itemsize
        shape = list(tensor.dims)
        count = math.prod(shape)
        if any(extent < 0 for extent in shape) or count * item > LARGEST_FILE * 4:
            raise self.error(f"{place} has the dimensions {shape[:9]}, expected such of a tensor")
        try:
            if tensor.data_location == TensorProto.EXTERNAL:
                inline = TensorProto(dims=shape, data_type=kind)
                inline.raw_data = self._external(tensor, place, count * item)
                tensor = inline
            if tensor.HasField("raw_data") and len(tensor.raw_data) != count * item:
                raise self.error(
                    f"{place} has {len(tensor.raw_data)} bytes, expected {count * item} for "
                    f"{shape[:9]}; the file is truncated or damaged")
            array = numpy_helper.to_array(tensor)
        except (ValueError, TypeError) as error:
            raise self.error(f"{place} cannot be read: {printable(str(error))}") from None
        if kind in _FLOATS:
            self.note(f"weights of {TensorProto.DataType.Name(kind).lower()} became single precision")
            with np.errstate(over="ignore"):
                array = array.astype(np.float32)
        return array

    def note(self, text: str) -> None:
        """Keeps a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _external(self, tensor: TensorProto, place: str, byte_count: int) -> bytes:
        told = {entry.key: entry.value for entry in tensor.external_data}
        location = told.get("location", "")
        shown = printable(location)
        folder = self.path.parent.resolve()
        if not location or "\0" in location or os.path.isabs(location):
            raise self.error(f"{place} lies in '{shown}', expected the name of a file beside it")
        data = (folder / location).resolve()
        if not data.is_relative_to(folder):
            raise self.error(
                f"{place} lies in '{shown}', outside of the file's folder, and is not read; put both "
                "into one folder, and save the model with that location")
        try:
            if not data.is_file():
                raise self.error(
                    f"{place} lies in '{shown}', which is not there; copy it beside the model", 66)
            offset = int(told.get("offset") or 0)
            length = int(told.get("length") or byte_count)
            size = data.stat().st_size
            if offset < 0 or length != byte_count or offset + length > size:
                raise self.error(
                    f"{place} has {byte_count} bytes and is said to lie at {offset} with {length} of "
                    f"the {size} of '{shown}'; one of the two files is truncated or another's")
            with open(data, "rb") as file:
                file.seek(offset)
                content = file.read(length)
        except OSError as error:
            raise self.error(f"'{shown}' cannot be read: {error.strerror}", 66) from None
        self.byte_count += length
        return content


def read(path: str | os.PathLike[str]) -> OnnxFile:
    """Parses an ONNX file and checks what holds for all of it.

    Raises: AdderError for a file that is no sound ONNX model.
    """
    path = Path(path)
    try:
        if not path.is_file():
            kind = "is a directory, expected a file" if path.is_dir() else "no such file"
            raise AdderError(f"{path}: {kind}", 66)
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise AdderError(
                f"{path}: {size} bytes, and protobuf takes at most {LARGEST_FILE}; save the weights "
                "beside it: onnx.save(model, path, save_as_external_data=True)")
        data = path.read_bytes()
    except OSError as error:
        raise AdderError(f"{path}: cannot be read: {error.strerror}", 66) from None
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError:
        raise AdderError(
            f"{path}: no ONNX model, or one that is truncated or damaged; onnx.checker.check_model "
            "may say more") from None
    if not model.HasField("graph") or not model.opset_import or not model.graph.output:
        raise AdderError(
            f"{path}: no ONNX model, expected one with a graph, outputs and the versions of its "
            "operators; onnx.checker.check_model may say more")
    file = OnnxFile(path, model, 0, len(data), {})
    _check_names(file)
    _check_versions(file)
    for tensor in model.graph.initializer:
        file.initializers[tensor.name] = tensor
    _check_order(file)
    return file


def _check_names(file: OnnxFile) -> None:
    names = [v.name for v in [*file.graph.input, *file.graph.output, *file.graph.initializer]]
    names += [file.graph.name, *(opset.domain for opset in file.model.opset_import)]
    for node in file.graph.node:
        names += [node.name, node.op_type, node.domain, *node.input, *node.output]
    # protobuf gives such as bytes.
    broken = next((name for name in names if not isinstance(name, str)), None)
    if broken is not None:
        raise file.error(f"the name '{printable(broken)}' is no UTF-8; the file is damaged")


def _check_versions(file: OnnxFile) -> None:
    versions = {"" if o.domain == "ai.onnx" else o.domain: o.version for o in file.model.opset_import}
    file.opset = versions.get("", 0)
    newest = onnx.defs.onnx_opset_version()
    if file.opset and file.opset < OLDEST_OPSET:
        raise file.error(
            f"opset {file.opset}, expected {OLDEST_OPSET} to {newest}; convert it: "
            f"onnx.version_converter.convert_version(model, 13)", 69)
    if file.opset > newest:
        raise file.error(
            f"opset {file.opset}, and the package onnx {onnx.__version__} knows those to {newest}; "
            "pip install --upgrade onnx, or export with an older opset_version", 69)
    if versions.get(DOMAIN, VERSION) != VERSION:
        raise file.error(
            f"version {versions[DOMAIN]} of the operators {DOMAIN}, expected {VERSION}", 69)
    if any(node.domain == DOMAIN and node.op_type.startswith("Integer") for node in file.graph.node):
        raise file.error(
            "the structure of a compiled model, which has no weights; give the network that it was "
            "compiled from", 69)
    own = [f for f in file.model.functions if (f.domain, f.name) not in {(DOMAIN, n) for n in LAYERS}]
    called = {(f.domain, f.name) for f in own}
    if any((node.domain, node.op_type) in called for node in file.graph.node):
        raise file.error(
            f"it has functions of its own, such as '{printable(own[0].name)}'; put them in place "
            "first: import onnx.inliner; model = onnx.inliner.inline_local_functions(model)", 69)


def _check_order(file: OnnxFile) -> None:
    """Each value is made once, before it is read, as ONNX wants it: so there is no cycle."""
    made: set[str] = {value.name for value in file.graph.input} | set(file.initializers)
    for tensor in file.graph.sparse_initializer:
        raise file.error(
            f"the tensor '{printable(tensor.values.name)}' is sparse; save it as a dense one", 69)
    later = {output for node in file.graph.node for output in node.output}
    for index, node in enumerate(file.graph.node):
        where = f"node {index} '{printable(node.name)}', {printable(node.op_type)},"
        for name in node.input:
            if name and name not in made:
                reason = "a later node makes: the nodes are in no order, or form a cycle" if (
                    name in later) else "nothing makes: an initializer or a node is missing"
                raise file.error(f"{where} reads '{printable(name)}', which {reason}")
        for name in filter(None, node.output):
            if name in made:
                raise file.error(f"{where} makes '{printable(name)}', which is there already")
            made.add(name)
    for value in file.graph.output:
        if value.name not in made:
            raise file.error(f"the output '{printable(value.name)}' is made by no node")


def input_shape(
    file: OnnxFile, value: onnx.ValueInfoProto, given: Sequence[int] | None
) -> tuple[int, ...]:
    """[N, C, H, W] or [N, F] of an input, N 2 where the file leaves it open.

    Args:
        given: the extents without the batch, which take the place of those that are open.
    """
    place = f"the input '{printable(value.name)}'"
    if not value.type.HasField("tensor_type"):
        raise file.error(f"{place} is no tensor; adderc takes images and vectors", 69)
    tensor = value.type.tensor_type
    if tensor.elem_type != TensorProto.FLOAT:
        kind = TensorProto.DataType.Name(tensor.elem_type)
        if tensor.elem_type not in _FLOATS:
            raise file.error(
                f"{place} is of the type {kind}, expected single precision; export the network from "
                "where its input is normalized on", 69)
        file.note(f"{place} of {kind.lower()} became single precision")
    dims = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
    if not tensor.HasField("shape") and given is not None:
        dims = [None] * (len(given) + 1)
    if len(dims) not in (2, 4):
        found = f"{len(dims)} dimensions" if tensor.HasField("shape") else "no shape"
        raise file.error(f"{place} has {found}, expected images [N, C, H, W] or vectors [N, F]", 69)
    if given is not None:
        wanted = [dims[0], *given]
        if len(wanted) != len(dims) or any(
            d not in (None, w) for d, w in zip(dims[1:], wanted[1:])
        ):
            raise file.error(
                f"{place} is {_shown(dims)}, which --input-shape {'x'.join(map(str, given))} "
                "contradicts; it gives values to open dimensions", 64)
        dims = wanted
    if None in dims[1:]:
        example = "x".join("3" if d is None and i == 0 else "224" if d is None else str(d)
                           for i, d in enumerate(dims[1:]))
        raise file.error(
            f"{place} is {_shown(dims)}, and a model file has fixed extents; give them, such as "
            f"--input-shape {example}", 69)
    shape = tuple(2 if d is None else d for d in dims)
    if min(shape) < 1 or max(shape[1:]) > 65_536 or math.prod(shape) > LARGEST_VALUE:
        raise file.error(
            f"{place} is {_shown(dims)}, expected extents of 1 to 65536 and at most {LARGEST_VALUE} "
            "elements, those of the batch included")
    return shape


def _shown(dims: Sequence[int | None]) -> str:
    return f"[{', '.join('?' if d is None else str(d) for d in dims)}]"
