"""Compiled models on images, over the runtime's C API: the integers that firmware computes."""

import ctypes
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .boxes import BOX, Boxes, CDetection, CDetections, boxes_of, declare_detection
from .errors import AdderError
from .library import ELEMENT_TYPES, OBSERVER, CTensor, check, find_library, json_report, load

#: Of `adderrun`, too.
LARGEST_ARENA = 1 << 30


@dataclass(frozen=True)
class Tensor:
    """An input or output of a model: an element q stands for (q − zero_point)·scale."""

    #: [channels, height, width]
    shape: tuple[int, int, int]
    dtype: str
    scale: float
    zero_point: int


class Model:
    """A model that `adderc compile` wrote.

    The kernels are those of firmware, one difference at a time; `adderrun` gives the same integers
    from the vectors of this processor. One model runs one image at a time, from any thread.

    Args:
        path: the .adb file.
        library: libadder.so, which `tools/embedded/build` makes; by default $ADDER_LIBRARY, or
            that of the checkout in which this package lies.

    Raises: AdderError for a file that is no sound model, or where there is no library.
    """

    def __init__(
        self, path: str | os.PathLike[str], library: str | os.PathLike[str] | None = None
    ) -> None:
        self.path = Path(path)
        self._library_path = find_library(library)
        self._library = load(self._library_path)
        self._lock = threading.Lock()
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise AdderError(f"{self.path}: cannot be read: {error.strerror}") from None
        if len(data) >= 1 << 32:
            raise AdderError(f"{self.path}: {len(data)} bytes, expected fewer than 4 GiB")
        self._data = _aligned(len(data))
        self._data[:] = np.frombuffer(data, dtype=np.uint8)
        size = ctypes.c_uint32()
        check(self._library.adder_get_arena_byte_count(
            self._data.ctypes.data, len(data), ctypes.byref(size)), str(self.path))
        if size.value > LARGEST_ARENA:
            raise AdderError(
                f"{self.path}: an arena of {size.value} bytes, expected at most {LARGEST_ARENA}")
        self._arena = _aligned(size.value)
        self._model = ctypes.c_void_p()
        check(self._library.adder_init(
            self._data.ctypes.data, len(data), self._arena.ctypes.data, size.value,
            ctypes.byref(self._model)), str(self.path))
        self._inputs = self._tensors(self._library.adder_get_input)
        self._outputs = self._tensors(self._library.adder_get_output)
        #: The images that the model takes, in order.
        self.inputs = [_described(tensor) for tensor in self._inputs]
        #: What it gives, in order.
        self.outputs = [_described(tensor) for tensor in self._outputs]
        self._layers: list[dict[str, Any]] | None = None

    def _tensors(self, get: Callable[..., int]) -> list[CTensor]:
        found: list[CTensor] = []
        while True:
            tensor = CTensor()
            if get(self._model, len(found), ctypes.byref(tensor)) != 0:
                return found
            found.append(tensor)

    def __repr__(self) -> str:
        shapes = " and ".join(str(list(tensor.shape)) for tensor in self.inputs)
        results = " and ".join(str(list(tensor.shape)) for tensor in self.outputs)
        return f"<Model {self.path.name}: {shapes} to {results}>"

    def __call__(self, *images: NDArray[np.uint8]) -> NDArray[np.int32]:
        """The model's integers for images, as `adderrun -o OUT.npy` writes them.

        Args:
            images: for each input uint8 [N, C, H, W], or [N, H, W] for one channel, or [N, C] for
                vectors: the pixels themselves, which the model normalizes.

        Returns: [N, outputs]: for each image each output in the order channels, rows, columns,
            several outputs one behind the other.
        """
        return self._run(images, lambda _: None)

    def real(self, *images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """The numbers that the outputs stand for, [N, C, H, W] for each: (q − zero_point)·scale."""
        rows = self(*images)
        results, start = [], 0
        for tensor in self.outputs:
            count = int(np.prod(tensor.shape))
            part = rows[:, start : start + count].reshape(-1, *tensor.shape)
            scaled = (part.astype(np.float64) - tensor.zero_point) * tensor.scale
            results.append(scaled.astype(np.float32))
            start += count
        return results

    def detect(self, *images: NDArray[np.uint8], capacity: int | None = None) -> list[Boxes]:
        """The boxes that a detector finds, those of `adderrun --detect`.

        Args:
            images: as the model takes them.
            capacity: how many candidates there is memory for, 1 or more, as in firmware; with fewer
                than the model's limit, the default, the best ones are taken, and `dropped_count`
                says how many others would have been.

        Returns: the boxes of each image.

        Raises: AdderError for a model without a detection, or a library that cannot detect.
        """
        if capacity is not None and not hasattr(capacity, "__index__"):
            raise AdderError(f"a capacity of {capacity} candidates, expected an integer")
        if capacity is not None and capacity < 1:
            raise AdderError(f"a capacity of {capacity} candidates, expected at least 1")
        declare_detection(self._library, str(self._library_path))
        detection = CDetection()
        check(self._library.adder_get_detection(self._model, ctypes.byref(detection)), str(self.path))
        limit = detection.candidate_limit
        memory = np.zeros(limit if capacity is None else min(capacity, limit), dtype=BOX)
        results: list[Boxes] = []

        def find() -> None:
            found = CDetections()
            check(self._library.adder_detect(
                self._model, memory.ctypes.data, len(memory), ctypes.byref(found)), str(self.path))
            results.append(boxes_of(memory, found, detection.fraction_bits))

        self._run(images, lambda _: None, find)
        return results

    def layers(
        self, *images: NDArray[np.uint8], adderc: str | os.PathLike[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """What each operation gives, [N, C, H, W], by the name of its layer.

        The integers of `adderrun --dump-layers`, for every image. Where they lie is what
        `adderc inspect` says of the file.
        """
        if self._layers is None:
            found = self._report("adderc", adderc, ["inspect", "--layers", "--tensors"])
            tensors = found["tensors"]
            self._layers = [
                {**tensors[layer["output"]], "name": layer["name"]} for layer in found["layers"]]
            first = found["inputs"][0]["arena_offset"]
            self._base = self._inputs[0].data - self._arena.ctypes.data - first
        seen: list[list[NDArray[Any]]] = [[] for _ in self._layers]
        base, layers = self._base, self._layers

        def keep(index: int) -> None:
            layer = layers[index]
            start = base + layer["arena_offset"]
            part = self._arena[start : start + layer["bytes"]]
            kind = {"u8": np.uint8, "i16": np.int16, "i32": np.int32}[layer["type"]]
            channels, height, width = layer["shape"]
            pixels = part.view(kind).reshape(height, width, channels)
            seen[index].append(pixels.transpose(2, 0, 1).copy())

        self._run(images, keep)
        results: dict[str, NDArray[Any]] = {}
        for index, (layer, values) in enumerate(zip(layers, seen)):
            name = layer["name"] if layer["name"] not in results else f"{layer['name']} ({index})"
            results[name] = np.stack(values)
        return results

    def estimate(
        self, target: str, *, compare_cnn: bool = False,
        adderc: str | os.PathLike[str] | None = None,
    ) -> dict[str, Any]:
        """Cycles, energy and memory of an image on a target, as `adderc estimate --json` says.

        Args:
            target: a name that `adderc targets` lists, or a target file.
            compare_cnn: also the same shapes with multiplications.
            adderc: the program; by default $ADDERC, on the PATH, or of the checkout.
        """
        options = ["estimate", "--target", target] + (["--compare-cnn"] if compare_cnn else [])
        return self._report("adderc", adderc, options)

    def _report(
        self, name: str, program: str | os.PathLike[str] | None, options: list[str]
    ) -> dict[str, Any]:
        return json_report(name, program, [options[0], str(self.path.absolute()), *options[1:]])

    def _run(
        self, images: tuple[NDArray[np.uint8], ...], keep: Callable[[int], None],
        behind: Callable[[], None] = lambda: None,
    ) -> NDArray[np.int32]:
        """Calls `keep` behind each operation and `behind` behind each run."""
        batches = [
            _batch(array, tensor, index)
            for index, (array, tensor) in enumerate(zip(images, self.inputs))
        ]
        if len(images) != len(self.inputs):
            raise AdderError(
                f"{self.path}: {len(images)} arrays of images, expected one for each of "
                f"{len(self.inputs)} inputs")
        count = len(batches[0])
        if any(len(batch) != count for batch in batches):
            raise AdderError(
                f"{self.path}: the inputs have {[len(batch) for batch in batches]} images")
        rows = np.empty(
            (count, sum(int(np.prod(tensor.shape)) for tensor in self.outputs)), dtype=np.int32)
        failed: list[BaseException] = []

        def observe(_context: int, index: int, _opcode: int) -> None:
            try:
                keep(index)
            except BaseException as error:  # It cannot pass through C.
                failed.append(error)

        observer = OBSERVER(observe)
        with self._lock:
            for row in range(count):
                for batch, tensor in zip(batches, self._inputs):
                    _elements(tensor)[:] = batch[row]
                check(self._library.adder_run_observed(self._model, observer, None), str(self.path))
                if failed:
                    raise failed[0]
                behind()
                parts = [_elements(tensor).transpose(2, 0, 1) for tensor in self._outputs]
                rows[row] = np.concatenate([part.reshape(-1) for part in parts])
        return rows


def _aligned(size: int) -> NDArray[np.uint8]:
    """Zeros at an address that is a multiple of 16."""
    memory = np.zeros(size + 16, dtype=np.uint8)
    start = -memory.ctypes.data % 16
    return memory[start : start + size]


def _described(tensor: CTensor) -> Tensor:
    return Tensor(
        (tensor.channels, tensor.height, tensor.width), ELEMENT_TYPES[tensor.element_type],
        tensor.scale, tensor.zero_point)


def _elements(tensor: CTensor) -> NDArray[Any]:
    """The memory of an input or output, [height, width, channels]."""
    memory = (ctypes.c_uint8 * tensor.byte_count).from_address(tensor.data)
    kind = np.dtype(ELEMENT_TYPES[tensor.element_type])
    return np.frombuffer(memory, dtype=kind).reshape(tensor.height, tensor.width, tensor.channels)


def _batch(images: Any, tensor: Tensor, index: int) -> NDArray[Any]:
    """Images as [N, H, W, C]."""
    array = np.asarray(images)
    channels, height, width = tensor.shape
    place = f"input {index}: images of {list(array.shape)} {array.dtype}"
    wanted = f"expected {tensor.dtype} [N, {channels}, {height}, {width}]"
    if array.dtype != np.dtype(tensor.dtype):
        advice = ""
        if np.issubdtype(array.dtype, np.floating):
            advice = (
                "; give the pixels themselves, 0 to 255, as the model normalizes: "
                "(images * 255).round().astype('uint8') for pixels in 0...1")
        raise AdderError(f"{place}, {wanted}{advice}")
    if array.ndim == 3 and channels == 1 or array.ndim == 2 and (height, width) == (1, 1):
        array = array.reshape(len(array), *tensor.shape) if (
            array.size == len(array) * channels * height * width) else array
    if array.ndim != 4 or array.shape[1:] != tensor.shape:
        raise AdderError(f"{place}, {wanted}")
    return array.transpose(0, 2, 3, 1)
