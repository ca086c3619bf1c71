"""Where the nodes of an ONNX file came from."""

import os
import re

import onnx

from ..tracing import Place

_SCOPES = "pkg.torch.onnx.name_scopes"
_CLASSES = "pkg.torch.onnx.class_hierarchy"
_STACK = "pkg.torch.onnx.stack_trace"
#: Longer metadata is no path.
_LONGEST = 4096


def printable(text: str | bytes) -> str:
    """A name of the file on one line: at most 120 characters, others than printable ones as \\u{…}."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    short = text[:120] + ("…" if len(text) > 120 else "")
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in short)


def place_of(node: onnx.NodeProto, index: int, weight: str) -> Place:
    """The module, the line and the node that a finding names.

    PyTorch's exporters tell the module: torch.export's in metadata, the older one by the node's name.
    Elsewhere the node's own name stands for it.

    Args:
        index: the node's index in the file.
        weight: the name of the initializer that holds the node's weight, or "".
    """
    name = node.name or next((output for output in node.output if output), "")
    domain = f"{node.domain}::" if node.domain else ""
    line = f"node {index} '{printable(name)}', {printable(domain + node.op_type)}"
    told = {
        entry.key: entry.value[:_LONGEST] for entry in node.metadata_props
        if isinstance(entry.value, str)}  # Text that is no UTF-8 is bytes.
    scopes = re.findall(r"'([^']*)'", told.get(_SCOPES, ""))
    classes = re.findall(r"'([^']*)'", told.get(_CLASSES, ""))
    source = _line(told.get(_STACK, ""))
    if source:
        line = f"{line}, {source}"
    owner = weight.rpartition(".")[0]
    if owner:
        return Place(owner, line, True)
    if len(scopes) > 1 and len(scopes) == len(classes):
        return Place(scopes[-2], line, classes[-2].startswith("torch.nn.modules."))
    if node.name.startswith("/"):
        return Place(_path(node.name), line, False)
    return Place(printable(name), line, True)


def _path(name: str) -> str:
    """The module in a name of the older exporter: layer1.0.conv1 of /layer1/layer1.0/conv1/Conv."""
    parts: list[str] = []
    for part in name.strip("/").split("/")[:-1]:
        if parts and part.startswith(f"{parts[-1]}."):
            parts[-1] = part
        else:
            parts.append(part)
    return printable(".".join(parts))


def _line(stack: str) -> str:
    """The innermost line that is none of PyTorch's own."""
    for file, line in reversed(re.findall(r'File "([^"\n]+)", line (\d+)', stack)):
        if "/torch/" not in file:
            return f"{printable(os.path.basename(file))}:{line}"
    return ""
