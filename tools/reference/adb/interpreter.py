"""Runs a decoded model over a batch of images."""

import numpy as np

from . import structures as s

# Bytes of activations held at once.
ACTIVATION_BYTE_BUDGET = 128 << 20
UNWRITTEN = 0xA5


class SeparateTensors:
    """Each tensor in its own array: overlaps in the arena cannot show."""

    def __init__(self, model, image_count):
        self.arrays = {}

    def read(self, index):
        return self.arrays[index]

    def write(self, index, elements):
        self.arrays[index] = elements

    def spoil(self, start, end):
        pass


class Arena:
    """All tensors in one array of bytes an image, at the offsets of the file."""

    def __init__(self, model, image_count):
        self.tensors = model.tensors
        self.bytes = np.full((image_count, model.arena_byte_count), UNWRITTEN, np.uint8)

    def _span(self, index):
        tensor = self.tensors[index]
        return slice(tensor.arena_offset, tensor.arena_offset + tensor.byte_count)

    def read(self, index):
        tensor = self.tensors[index]
        elements = np.ascontiguousarray(self.bytes[:, self._span(index)])
        return elements.view(s.ELEMENT_DTYPES[tensor.element_type]).reshape(-1, *tensor.shape)

    def write(self, index, elements):
        raw = np.ascontiguousarray(elements).view(np.uint8)
        self.bytes[:, self._span(index)] = raw.reshape(len(raw), -1)

    def spoil(self, start, end):
        """Overwrites an area, as a kernel does with its scratch."""
        self.bytes[:, start:end] = UNWRITTEN


def run(model, inputs, arena=False):
    """Runs `inputs`, one u8 array [N, H, W, C] for each input, and returns the outputs so."""
    _check_inputs(model, inputs)
    image_count = len(inputs[0])
    bytes_an_image = sum(tensor.byte_count for tensor in model.tensors)
    step = max(1, min(256, ACTIVATION_BYTE_BUDGET // bytes_an_image))
    chunks = [
        _run_chunk(model, [values[start:start + step] for values in inputs], arena)
        for start in range(0, image_count, step)]
    return [
        np.concatenate([chunk[position] for chunk in chunks]) if chunks
        else np.zeros((0, *model.tensors[index].shape), _dtype(model, index))
        for position, index in enumerate(model.outputs)]


def _dtype(model, index):
    return s.ELEMENT_DTYPES[model.tensors[index].element_type]


def _check_inputs(model, inputs):
    if len(inputs) != len(model.inputs):
        raise ValueError(f"{len(inputs)} inputs, expected {len(model.inputs)}")
    for values, index in zip(inputs, model.inputs):
        shape = model.tensors[index].shape
        if values.dtype != np.uint8 or values.shape[1:] != shape:
            raise ValueError(
                f"input of type {values.dtype} and shape {list(values.shape)}, expected uint8"
                f" and [N, {', '.join(map(str, shape))}]")
        if len(values) != len(inputs[0]):
            raise ValueError("inputs differ in their number of images")


def _run_chunk(model, inputs, arena):
    memory = (Arena if arena else SeparateTensors)(model, len(inputs[0]))
    for values, index in zip(inputs, model.inputs):
        memory.write(index, values)
    for operation in model.operations:
        scratch = operation.scratch
        if scratch:
            memory.spoil(*scratch)
        result = operation.evaluate(*map(memory.read, operation.reads))
        # The clamp's bounds, or a copy, keep every element within the output's type.
        memory.write(operation.output, result.astype(_dtype(model, operation.output)))
        if scratch:
            memory.spoil(*scratch)
    return [memory.read(index) for index in model.outputs]
