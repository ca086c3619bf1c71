#!/usr/bin/env python3
"""Prints the header, tensors, operations and detection of an `.adb` model."""

import argparse
import dataclasses
import sys

import numpy as np

from adb import structures as s
from adb.checks import live_range_conflicts
from adb.format import decode
from adb.groups import Entry
from adb.reader import FormatError


def describe(model, byte_count):
    """Lines of text."""
    names = model.names or [""] * (1 + len(model.tensors) + len(model.operations))
    yield f"model {names[0]!r}: {byte_count} bytes, arena {model.arena_byte_count} bytes"
    for title, indices in (("inputs", model.inputs), ("outputs", model.outputs)):
        yield f"{title}: {', '.join(map(str, indices))}"
    for index, (mean, std) in zip(model.inputs, model.normalization or []):
        yield f"normalization of tensor {index}: mean {mean}, std {std}"
    if model.class_names is not None:
        yield f"class names: {', '.join(model.class_names)}"
    yield "tensors:"
    for index, tensor in enumerate(model.tensors):
        yield (f"  {index}: {s.ELEMENT_NAMES[tensor.element_type]}"
               f" [{tensor.height}, {tensor.width}, {tensor.channels}] at {tensor.arena_offset},"
               f" {tensor.byte_count} bytes, zero point {tensor.zero_point}, scale"
               f" {tensor.scale:.9g} {names[1 + index]}".rstrip())
    yield "operations:"
    for index, operation in enumerate(model.operations):
        name = names[1 + len(model.tensors) + index]
        yield f"  {index}: {operation.name} {name}".rstrip()
        yield from _fields(operation)
    if model.detection is not None:
        yield "detection:"
        yield from _fields(model.detection.header)
        for index, level in enumerate(model.detection.levels):
            yield f"  level {index}:"
            yield from _fields(level)
    conflicts = live_range_conflicts(model)
    yield f"arena conflicts: {'none' if not conflicts else ''}"
    yield from (f"  {conflict}" for conflict in conflicts)


def _fields(record):
    for field in dataclasses.fields(record):
        yield f"     {field.name}: {_value(getattr(record, field.name))}"


def _value(value):
    if isinstance(value, np.ndarray):
        if value.size <= 8:
            return f"{value.tolist()}"
        return f"{list(value.shape)} of {value.dtype}, {value.min()} to {value.max()}"
    if isinstance(value, Entry):
        terms = " ".join(f"{'-' if sign < 0 else '+'}2^{shift}" for sign, shift in value.terms)
        return f"(centre {value.centre}, bias {value.bias}, terms {terms or 'none'})"
    if dataclasses.is_dataclass(value):
        return ", ".join(
            f"{field.name} {_value(getattr(value, field.name))}"
            for field in dataclasses.fields(value))
    if isinstance(value, list) and value and isinstance(value[0], Entry):
        return f"{len(value)}, the first {_value(value[0])}"
    if isinstance(value, list) and value and isinstance(value[0], list):
        planes = sum(map(len, value))
        digits = sum(len(a) + len(b) for channel in value for a, b in channel)
        return f"{planes} in {len(value)} channels, {digits} digits"
    return str(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", metavar="MODEL.adb")
    path = parser.parse_args().model
    try:
        with open(path, "rb") as file:
            data = file.read()
        model = decode(data)
    except (OSError, FormatError) as error:
        print(f"describe_adb: {path}: {error}", file=sys.stderr)
        return 65
    for line in describe(model, len(data)):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
