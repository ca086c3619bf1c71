"""A short training repeats, and what it leaves becomes integers that are measured."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from data import load_pictures, on_canvas
from decode import decode
from evaluate import (
    Integers, architecture_of, coco_metrics, coco_results, float_outputs, other_results)
from export import export
from network import ARCHITECTURES, Detector, load, save
from train import WeightAverage

from adder_tools.nn import Adder2d

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parents[2] / "golden/images"
SCENES = [str(GOLDEN / "scenes-100.json"), str(GOLDEN / "scenes-100.npy")]


def train(output, *options):
    return subprocess.run(
        [sys.executable, HERE / "train.py", "scenes", *SCENES, "--output", output, "--epochs", "0.5",
         *options], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("kind", ["adder", "convolution"])
def test_a_training_repeats_and_its_network_becomes_integers(tmp_path, kind):
    output = train(tmp_path / "a.pt", "--kind", kind, "--validate", *SCENES, "--validations", "1")
    assert "epoch    1  loss " in output and "mAP50" in output
    train(tmp_path / "b.pt", "--kind", kind)
    (network, architecture), (again, _) = load(tmp_path / "a.pt"), load(tmp_path / "b.pt")
    state = again.state_dict()
    assert all(value.equal(state[name]) for name, value in network.state_dict().items())

    canvases = on_canvas(load_pictures(*SCENES, architecture), architecture)
    export(network, architecture, tmp_path / "a.safetensors")
    integers = Integers(tmp_path / "a.safetensors", canvases[:32].numpy(), tmp_path)
    expected = float_outputs(network, architecture, canvases[:8])
    theirs = integers.float_outputs(canvases[:8].numpy())
    outputs, boxes = integers.detect(canvases[:8].numpy())
    found = json.loads(boxes.read_text())
    assert all(set(box) == {"image_id", "category_id", "bbox", "score"} for box in found)
    for index in range(8):
        exact = decode([part[index] for part in outputs], architecture.detection, architecture.canvas)
        assert sum(box["image_id"] == index for box in found) == pytest.approx(len(exact[0]), rel=0.1)
    for ours, near, exact in zip(outputs, theirs, expected, strict=True):
        np.testing.assert_allclose(near, exact, rtol=1e-3, atol=1e-3)
        assert np.sqrt(np.square(ours - exact).mean()) < 0.1 * max(0.1, exact.std())


def test_a_training_goes_on_from_a_checkpoint_of_its_kind(tmp_path):
    network = Detector(ARCHITECTURES["scenes"])
    save(tmp_path / "start.pt", network, "scenes", "adder")
    train(tmp_path / "a.pt", "--start", tmp_path / "start.pt", "--learning-rate", "0", "--adder-rate", "0")
    parameters = dict(load(tmp_path / "a.pt")[0].named_parameters())
    for name, value in network.named_parameters():
        assert torch.allclose(parameters[name], value, rtol=1e-5, atol=1e-6), name
    with pytest.raises(subprocess.CalledProcessError) as refused:
        train(tmp_path / "b.pt", "--start", tmp_path / "start.pt", "--kind", "convolution")
    assert "another architecture or kind, expected scenes of kind convolution" in refused.value.stderr
    assert not (tmp_path / "b.pt").exists()


def test_averaged_filters_have_statistics_of_their_own():
    torch.manual_seed(0)
    network = nn.Sequential(Adder2d(3, 4, 3), nn.BatchNorm2d(4))
    images, average = torch.randn(32, 3, 8, 8), WeightAverage(network)
    filters = network[0].adder.detach().clone()
    for _ in range(100):
        with torch.no_grad():
            network[0].adder.copy_(filters + torch.randn_like(filters))
        network(images)
        average.update(network)
    theirs = copy.deepcopy(average.network)
    theirs[1].load_state_dict(network[1].state_dict())
    average.measure([images[:16], images[16:]])
    with torch.no_grad():
        assert theirs(images).mean() > 0.5, "sums of a mean filter are smaller"
        assert abs(average.network(images).mean()) < 1e-3
        assert abs(average.network(images).std() - 1) < 0.02


def test_metrics_are_those_of_coco(tmp_path):
    assert architecture_of(SCENES[0]) is ARCHITECTURES["scenes"]
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
    assert exact["mAP"] == exact["mAP50"] == pytest.approx(1) and len(exact["AP50"]) == 10
    moved = metrics([3, 0, 3, 0], 0.5)
    assert moved["mAP"] < 0.9 and moved["mAP50"] > moved["mAP75"]
    assert coco_metrics(SCENES[0], [])["mAP50"] == 0


def test_boxes_of_another_decoder_are_measured(tmp_path):
    """On pictures that are four times as large as the canvas has them."""
    annotations = {
        "images": [{"id": 40 + index, "file_name": "a.png", "width": 640, "height": 480} for index in (0, 1)],
        "categories": [{"id": 7 + index, "name": name}
                       for index, name in enumerate(ARCHITECTURES["cells"].classes)],
        "annotations": [
            {"id": 1, "image_id": 40, "category_id": 7, "bbox": [40, 80, 100, 100], "area": 10000,
             "iscrowd": 0},
            {"id": 2, "image_id": 41, "category_id": 9, "bbox": [8, 0, 40, 20], "area": 800,
             "iscrowd": 0}]}
    (tmp_path / "annotations.json").write_text(json.dumps(annotations))
    Image.new("RGB", (640, 480)).save(tmp_path / "a.png")
    pictures = load_pictures(tmp_path / "annotations.json", tmp_path, ARCHITECTURES["cells"])
    (tmp_path / "found.json").write_text(json.dumps([
        {"image_id": 0, "category_id": 1, "bbox": [10, 20, 25, 25], "score": 0.9},
        {"image_id": 1, "category_id": 3, "bbox": [2, 0, 10, 5], "score": 0.8}]))
    results = other_results(tmp_path / "found.json", pictures)
    assert results[1]["bbox"] == [8, 0, 40, 20] and results[1]["image_id"] == 41
    metrics = coco_metrics(tmp_path / "annotations.json", results)
    assert metrics["mAP"] == pytest.approx(1) and metrics["AP50"]["Platelets"] == pytest.approx(1)
    for text, message in (
        ("", "no COCO results"), ("5", "no COCO results"), ('{"strides": [8]}', "no COCO results"),
        ('[{"image_id": 0}]', "no COCO results"), ("[[1, 2]]", "no COCO results"),
        ('[{"image_id": 2, "category_id": 1, "bbox": [1, 1, 1, 1], "score": 1}]', "image 2 of 2"),
        ('[{"image_id": -1, "category_id": 1, "bbox": [1, 1, 1, 1], "score": 1}]', "image -1 of 2"),
        ('[{"image_id": 0, "category_id": 4, "bbox": [1, 1, 1, 1], "score": 1}]', "class 3 of 3"),
    ):
        (tmp_path / "found.json").write_text(text)
        with pytest.raises(ValueError, match=message):
            other_results(tmp_path / "found.json", pictures)
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        other_results(tmp_path / "none.json", pictures)
    (tmp_path / "found.json").write_text("[]")
    assert other_results(tmp_path / "found.json", pictures) == []
