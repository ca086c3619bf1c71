"""The bundled detectors, as they are used: compiled, run, and measured by COCO's metrics."""

import json
import subprocess

import numpy as np
import pytest

from data import load_pictures, on_canvas
from evaluate import Integers, ROOT, coco_metrics, detections, other_results, program, run
from network import ARCHITECTURES

GOLDEN = ROOT / "golden"
SCENES = [str(GOLDEN / "images/scenes-100.json"), str(GOLDEN / "images/scenes-100.npy")]
CALIBRATION = np.load(GOLDEN / "images/scenes-calibration-32.npy")


@pytest.fixture(scope="module")
def scenes():
    architecture = ARCHITECTURES["scenes"]
    pictures = load_pictures(*SCENES, architecture)
    return architecture, pictures, on_canvas(pictures, architecture).numpy()


@pytest.fixture(scope="module")
def float_metrics(scenes, tmp_path_factory):
    architecture, pictures, canvases = scenes
    integers = Integers(
        GOLDEN / "models/scene-detector.safetensors", CALIBRATION, tmp_path_factory.mktemp("float"))
    return coco_metrics(
        SCENES[0], detections(integers.float_outputs(canvases), architecture, pictures))


@pytest.mark.parametrize("bits, drop", [(8, 0.004), (6, 0.01), (4, 0.04)])
def test_integers_find_what_the_float_network_finds(scenes, float_metrics, tmp_path, bits, drop):
    _, pictures, canvases = scenes
    integers = Integers(
        GOLDEN / "models/scene-detector.safetensors", CALIBRATION, tmp_path, ["--bits", str(bits)])
    _, boxes = integers.detect(canvases)
    metrics = coco_metrics(SCENES[0], other_results(boxes, pictures))
    assert metrics["mAP"] >= float_metrics["mAP"] - drop
    if bits == 8:
        assert metrics["mAP50"] >= 0.85


def inspected(path):
    return json.loads(subprocess.run(
        [program("adderc"), "inspect", path, "--json"], check=True, capture_output=True).stdout)


@pytest.mark.parametrize("name, arena, strides", [
    ("scene-detector", 104_880, [8, 16]), ("cell-detector", 190_016, [4, 8, 16])])
def test_the_arena_is_what_is_stated(tmp_path, name, arena, strides):
    model = tmp_path / "m.adb"
    run("adderc", "compile", GOLDEN / f"models/{name}.safetensors", "-o", model)
    found = inspected(model)
    assert found["arena_bytes"] == arena
    assert [level["stride"] for level in found["detection"]["levels"]] == strides
