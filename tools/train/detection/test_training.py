"""A short training repeats, and what it leaves becomes integers that are measured."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import adder_tools
from data import load_pictures, on_canvas
from evaluate import coco_metrics, coco_results, compile_network, float_outputs
from network import ARCHITECTURES, load

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parents[2] / "golden/images"
SCENES = [str(GOLDEN / "scenes-100.json"), str(GOLDEN / "scenes-100.npy")]


def train(output, *options):
    return subprocess.run(
        [sys.executable, HERE / "train.py", "scenes", *SCENES, "--output", output, "--epochs", "0.5", *options],
        check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("kind", ["adder", "convolution"])
def test_a_training_repeats_and_its_network_becomes_integers(tmp_path, kind):
    output = train(tmp_path / "a.pt", "--kind", kind, "--validate", *SCENES, "--validations", "1")
    assert "epoch    1  loss " in output and "mAP50" in output
    train(tmp_path / "b.pt", "--kind", kind)
    (network, architecture), (again, _) = load(tmp_path / "a.pt"), load(tmp_path / "b.pt")
    state = again.state_dict()
    assert all(value.equal(state[name]) for name, value in network.state_dict().items())

    canvases = on_canvas(load_pictures(*SCENES, architecture), architecture)
    model = adder_tools.Model(compile_network(network, architecture, canvases[:32], tmp_path))
    expected = float_outputs(network, architecture, canvases[:8])
    for ours, theirs in zip(model.real(canvases[:8].numpy()), expected, strict=True):
        assert np.sqrt(np.square(ours - theirs).mean()) < 0.1 * max(0.1, theirs.std())


def test_metrics_are_those_of_coco(tmp_path):
    pictures = load_pictures(*SCENES, ARCHITECTURES["scenes"])
    boxes = [np.asarray(box, dtype=np.float64) for box in pictures.boxes]

    def metrics(move, score):
        results = []
        for index, image in enumerate(pictures.ids):
            results += coco_results(
                boxes[index] + move, np.full(len(boxes[index]), score), pictures.labels[index].tolist(),
                index, image, pictures)
        return coco_metrics(SCENES[0], results)

    exact = metrics(0, 0.5)
    assert exact["mAP"] == exact["mAP50"] == 1 and len(exact["AP50"]) == 10
    moved = metrics([3, 0, 3, 0], 0.5)
    assert moved["mAP"] < 0.9 and moved["mAP50"] > moved["mAP75"]
    assert coco_metrics(SCENES[0], [])["mAP50"] == 0
    json.dumps(moved)
