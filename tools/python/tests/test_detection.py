"""Detectors: what `export` writes of them and refuses, and boxes in Python."""

import ctypes
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import pytest
import torch
from adder_tools import Detection
from adder_tools.boxes import BOX, declare_detection
from conftest import ROOT
from torch import Tensor, nn

IMAGE = torch.rand(1, 3, 17, 26)


class Head(nn.Module):
    """Three convolutions of a level."""

    def __init__(self, classes: int = 5, distances: int = 4, centerness: int = 1) -> None:
        super().__init__()
        self.classes = nn.Conv2d(8, classes, 1)
        self.distances = nn.Conv2d(8, distances, 1)
        self.centerness = nn.Conv2d(8, centerness, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.classes(x), self.distances(x), self.centerness(x)]


class Detector(nn.Module):
    """Levels of the strides 2 and 4."""

    def __init__(self, fine: Head | None = None, coarse: Head | None = None) -> None:
        super().__init__()
        self.stem, self.stage = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.fine, self.coarse = fine or Head(), coarse or Head()

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x).relu()
        return self.fine(x) + self.coarse(self.stage(x).relu())


def metadata(path: Path) -> dict[str, str]:
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    found = header["__metadata__"]
    assert isinstance(found, dict)
    return found


def export(tmp_path: Path, detection: Any, model: nn.Module | None = None, example: Any = IMAGE) -> Any:
    return adder_tools.export(
        (model or Detector()).eval(), example, tmp_path / "net.safetensors", detection=detection)


def test_the_description_is_in_the_file(tmp_path: Path) -> None:
    exported = export(tmp_path, Detection([2, 4]))
    expected = {
        "strides": [2, 4], "score": 0.05, "overlap": 0.5, "candidates": 200, "boxes": 100,
        "outputs": [[0, 1, 2], [3, 4, 5]]}
    assert json.loads(metadata(exported.path)["adder.detection"]) == expected == exported.detection
    assert str(exported).endswith(
        "\na detector of strides 2, 4: at most 100 boxes of the best 200 candidates")


def test_each_number_can_be_chosen(tmp_path: Path) -> None:
    class Reversed(Detector):
        def forward(self, x: Tensor) -> list[Tensor]:
            return super().forward(x)[::-1]

    exported = export(
        tmp_path, Detection(
            (2, np.int64(4)), score=0.3, overlap=0.6, candidates=64, boxes=10,
            outputs=[(5, 4, 3), (2, 1, 0)]), Reversed())
    assert exported.detection == {
        "strides": [2, 4], "score": 0.3, "overlap": 0.6, "candidates": 64, "boxes": 10,
        "outputs": [[5, 4, 3], [2, 1, 0]]}
    assert export(tmp_path, Detection([2, 4], candidates=30)).detection["boxes"] == 30


def test_a_network_without_a_detection_has_no_description(tmp_path: Path) -> None:
    exported = export(tmp_path, None)
    assert exported.detection is None and set(metadata(exported.path)) == {"adder.graph"}


@pytest.mark.parametrize(
    ("detection", "text"),
    [
        (Detection([]), "strides: [], expected 1 to 16, one for each level"),
        (Detection([2] * 17), "expected 1 to 16"),
        (Detection([2, 6]), "strides: [2, 6], expected powers of two from 1 to 1024"),
        (Detection([0, 4]), "powers of two"),
        (Detection([2, 2048]), "powers of two"),
        (Detection([2.0, 4]), "strides: [2.0, 4], expected integers"),  # type: ignore[list-item]
        (Detection(8), "strides: 8, expected a list"),  # type: ignore[arg-type]
        (Detection(torch.tensor([2.5, 4])), "expected integers"),  # type: ignore[arg-type]
        (Detection(np.array([True, True])), "expected integers"),  # type: ignore[arg-type]
        (Detection([4, 2]), "the finest level first"),
        (Detection([2, 4], score=0), "score: 0, expected a number from 1e-06 to 0.999999"),
        (Detection([2, 4], score=float("nan")), "score: nan"),
        (Detection([2, 4], score="x"), "score: 'x'"),  # type: ignore[arg-type]
        (Detection([2, 4], overlap=1), "overlap: 1, expected a number from 0 to 0.996094"),
        (Detection([2, 4], candidates=0), "candidates: 0, expected an integer from 1 to 4096"),
        (Detection([2, 4], candidates=4097), "candidates: 4097"),
        (Detection([2, 4], candidates=True), "candidates: True"),
        (Detection([2, 4], candidates=np.array([5, 6])),  # type: ignore[arg-type]
         "candidates: array([5, 6]), expected an integer"),
        (Detection([2, 4], boxes=201), "boxes: 201, expected an integer from 1 to 200, the candidates"),
        (Detection([2, 4], score=10**400), "expected a number from 1e-06 to 0.999999"),
        (Detection([2, 4], outputs=3), "outputs: 3, expected a list"),  # type: ignore[arg-type]
        (Detection([2, 4], outputs=[3, 4]), "outputs: 3, expected a list"),  # type: ignore[list-item]
        (Detection([2, 4], outputs=[[0, 1, 2]]), "for each of the 2 strides"),
        (Detection([2, 4], outputs=[[0, 1, 2], [3, 4]]), "[classes, distances, centerness]"),
        (Detection([2, 4], outputs=[[0, 1, 2], [3, 4, 2]]), "numbers of outputs from 0, each once"),
        (Detection([2, 4], outputs=[[0, 1, 2], [3, 4, -1]]), "numbers of outputs from 0, each once"),
        (Detection([2, 4], outputs=[[0, 1, 2], [3, 4, 6]]),
         "reads output 6, and the network has 6, counted from 0"),
        (Detection([2, 4, 8]), "reads output 8, and the network has 6, counted from 0; name them by outputs="),
        (Detection([2]),
         "the network has 6 outputs, expected 3, three for each stride; name them by outputs=, or "
         "return classes"),
        (Detection([2, 8]),
         "output 3, the classes of stride 8, is [1, 5, 5, 7], expected 3 rows and 4 columns: those of "
         "the image, 17×26, divided by the stride and rounded up; name them by outputs="),
        (Detection([2, 4], outputs=[[1, 0, 2], [3, 4, 5]]),
         "output 0, the distances of stride 2, is [1, 5, 9, 13], expected 4 channels: left, top"),
        (Detection([2, 4], outputs=[[0, 1, 2], [4, 3, 5]]),
         "output 4, the classes of stride 4, is [1, 4, 5, 7], expected 5 channels: those of the first"),
        ([2, 4], "a detection that is a list, expected an adder_tools.Detection"),
    ],
)
def test_refused_descriptions(detection: Any, text: str, tmp_path: Path) -> None:
    with pytest.raises(adder_tools.ExportError) as caught:
        export(tmp_path, detection)
    assert text in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_refused_networks(tmp_path: Path) -> None:
    with pytest.raises(adder_tools.ExportError, match=r"centerness of stride 4.*expected 1 channel: a logit"):
        export(tmp_path, Detection([2, 4]), Detector(coarse=Head(centerness=2)))
    vectors = nn.Sequential(nn.Linear(6, 5)).eval()
    with pytest.raises(adder_tools.ExportError, match=r"the inputs \[\[2, 6\]\], expected one of images"):
        export(tmp_path, Detection([2], outputs=[[0, 1, 2]]), vectors, torch.rand(2, 6))
    flat = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Flatten()).eval()
    with pytest.raises(adder_tools.ExportError, match=r"is \[1, 1768\], expected 17 rows"):
        export(tmp_path, Detection([1], outputs=[[0, 1, 2]]), Three(flat))
    wide = nn.Conv2d(1, 1, 1).eval()
    with pytest.raises(adder_tools.ExportError, match="images of 1×40000, expected at most 32767"):
        export(tmp_path, Detection([1]), wide, torch.rand(1, 1, 1, 40000))


class Three(nn.Module):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return self.module(x), self.module(x) + 1, self.module(x) + 2


# Boxes: golden vectors, whose form golden/README.md has.


def golden_cases() -> Iterator[tuple[str, bytes, bytes, list[tuple[int, int, int, Any]]]]:
    """Name, model, bytes of the inputs, and (capacity, candidates, dropped, boxes) of each detection."""
    data = (ROOT / "golden/vectors/detection.vectors").read_bytes()
    place = 0

    def numbers(code: str) -> tuple[int, ...]:
        nonlocal place
        place += struct.calcsize(code)
        return struct.unpack_from(code, data, place - struct.calcsize(code))

    def block(code: str, size: int = 1) -> bytes:
        nonlocal place
        (count,) = numbers(code)
        place += count * size
        return data[place - count * size : place]

    magic, case_count = numbers("<II")
    assert magic.to_bytes(4, "little") == b"ADET"
    for _ in range(case_count):
        name, model, inputs = block("<H").decode(), block("<I"), block("<I")
        block("<I", 4)
        found = []
        for _ in range(numbers("<I")[0]):
            capacity, candidates, dropped = numbers("<III")
            found.append((capacity, candidates, dropped, np.frombuffer(block("<I", 20), BOX)))
        yield name, model, inputs, found
    assert place == len(data)


def images_of(model: adder_tools.Model, inputs: bytes, count: int) -> list[np.ndarray[Any, Any]]:
    """The bytes of an image of each input, rows first, as arrays [count, C, H, W]."""
    arrays, place = [], 0
    for channels, height, width in (tensor.shape for tensor in model.inputs):
        size = channels * height * width
        array = np.frombuffer(inputs[place : place + size], np.uint8).reshape(height, width, channels)
        arrays.append(np.repeat(array.transpose(2, 0, 1)[np.newaxis], count, axis=0))
        place += size
    return arrays


def test_golden_boxes(tmp_path: Path) -> None:
    path, count = tmp_path / "net.adb", 0
    for name, data, inputs, expected in golden_cases():
        path.write_bytes(data)
        model = adder_tools.Model(path)
        images = images_of(model, inputs, 2)
        for capacity, candidates, dropped, boxes in expected:
            results = model.detect(*images, capacity=capacity)
            assert len(results) == 2, name
            for found in results:
                assert found.integers.tolist() == boxes.tolist(), name
                assert (found.candidate_count, found.dropped_count) == (candidates, dropped), name
            count += 1
    assert count > 100


def test_boxes_in_pixels(tmp_path: Path) -> None:
    _, data, inputs, [(_, _, _, boxes), *_] = next(golden_cases())
    path = tmp_path / "net.adb"
    path.write_bytes(data)
    model = adder_tools.Model(path)
    (found,) = model.detect(*images_of(model, inputs, 1))
    assert len(found) == len(boxes) == 3
    # 4 bits of fraction: golden vectors' "two levels by hand".
    assert found.sides.tolist() == [
        [box["left"] / 16, box["top"] / 16, box["right"] / 16, box["bottom"] / 16] for box in boxes]
    assert found.sides[1].tolist() == [2, 2, 14, 6] and found.labels.tolist() == [0, 0, 1]
    sigma = [1 / (1 + np.exp(-x)) for x in (4, 1, 3, 0, 1, -1)]
    expected = [np.sqrt(sigma[i] * sigma[i + 1]) for i in (0, 2, 4)]
    np.testing.assert_allclose(found.scores, expected, atol=2e-5)
    assert model.detect(*images_of(model, inputs, 0)) == []


def test_calls_that_detect_nothing(tmp_path: Path) -> None:
    _, data, inputs, _ = next(golden_cases())
    path = tmp_path / "net.adb"
    path.write_bytes(data)
    model = adder_tools.Model(path)
    images = images_of(model, inputs, 1)
    for capacity in (0, -1, 2.5, True, "5", [3], float("nan")):
        with pytest.raises(adder_tools.AdderError, match="candidates, expected an integer of at least 1"):
            model.detect(*images, capacity=capacity)  # type: ignore[arg-type]
    with pytest.raises(adder_tools.AdderError, match="1 arrays of images, expected one for each of"):
        model.detect(images[0])


def test_a_model_without_a_detection(tmp_path: Path) -> None:
    data = (ROOT / "golden/vectors/flatten.vectors").read_bytes()
    start = 8 + 2 + struct.unpack_from("<H", data, 8)[0]
    (size,) = struct.unpack_from("<I", data, start)
    path = tmp_path / "net.adb"
    path.write_bytes(data[start + 4 : start + 4 + size])
    model = adder_tools.Model(path)
    images = [np.zeros((1, *tensor.shape), np.uint8) for tensor in model.inputs]
    with pytest.raises(adder_tools.AdderError, match="no detection; compile a detector"):
        model.detect(*images)


def test_a_library_that_cannot_detect() -> None:
    with pytest.raises(adder_tools.AdderError, match="old.so: a library without detection"):
        declare_detection(ctypes.CDLL(None), "old.so")
