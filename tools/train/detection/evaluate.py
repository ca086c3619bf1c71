"""COCO metrics of a detector on the same pictures: of the float network, by decode.py; of integers, by
adderrun --detect, the boxes that firmware finds; and of the same integers by decode.py, in double precision."""

import argparse
import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from data import load_pictures, on_canvas
from decode import decode
from export import export
from network import ARCHITECTURES, load, normalize  # also finds adder_tools

import adder_tools

ROOT = Path(__file__).resolve().parents[3]


def float_outputs(network, architecture, canvases, batch=32):
    """The network's outputs for uint8 images, one array [N, …] for each."""
    with torch.no_grad():
        parts = [network(normalize(part, architecture)) for part in canvases.split(batch)]
    return [torch.cat(tensors).numpy() for tensors in zip(*parts)]


def detections(outputs, architecture, pictures):
    """COCO results: boxes of each image, in its own pixels."""
    results = []
    for index, image in enumerate(pictures.ids):
        boxes, scores, classes = decode(
            [array[index] for array in outputs], architecture.detection, architecture.canvas)
        results += coco_results(boxes, scores, classes, index, image, pictures)
    return results


def coco_results(boxes, scores, classes, index, image, pictures):
    """COCO results of one image, of boxes in pixels of the canvas."""
    y, x = (size / extent for size, extent in zip(pictures.sizes[index], pictures.extents))
    rows, columns = pictures.extents
    boxes = np.stack([boxes[:, 0::2].clip(0, columns) * x, boxes[:, 1::2].clip(0, rows) * y], 2)
    return [
        {"image_id": image, "category_id": pictures.categories[label], "score": float(score),
         "bbox": [*map(float, (left, top, right - left, bottom - top))]}
        for ((left, top), (right, bottom)), score, label in zip(boxes, scores, classes)]


def other_results(path, pictures):
    """COCO results of what `adderrun --detections` wrote: a JSON list as COCO results are, but with pixels
    of the canvas, images counted from 0 and classes from 1.

    Raises: ValueError for any other file, and for results of more images or classes.
    """
    try:
        found = json.loads(Path(path).read_text())
        boxes = np.array([each["bbox"] for each in found], float).reshape(-1, 4)
        scores = np.array([each["score"] for each in found], float).reshape(-1)
        indices = [int(each["image_id"]) for each in found]
        labels = [int(each["category_id"]) - 1 for each in found]
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"{path}: no COCO results, expected what adderrun --detections wrote") from None
    for what, numbers, count in (
        ("image", indices, len(pictures.ids)), ("class", labels, len(pictures.categories))):
        for number in numbers:
            if not 0 <= number < count:
                raise ValueError(
                    f"{path}: a box of {what} {number} of {count}, counted from 0; are the results those "
                    "of these pictures?")
    boxes[:, 2:] += boxes[:, :2]
    results = []
    for place, index in enumerate(indices):
        results += coco_results(
            boxes[[place]], scores[[place]], [labels[place]], index, pictures.ids[index], pictures)
    return results


def coco_metrics(annotations, results):
    """mAP, mAP50, mAP75, and AP50 by class (Lin et al., ECCV 2014), by pycocotools."""
    with contextlib.redirect_stdout(None):
        truth = COCO(str(annotations))
        truth.dataset.setdefault("info", {})
        if not results:
            return {"mAP": 0.0, "mAP50": 0.0, "mAP75": 0.0, "AP50": {}}
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"][0, :, :, 0, -1]  # IoU .5, [recalls, classes]
    names = [category["name"] for category in truth.loadCats(evaluation.params.catIds)]
    return {"mAP": float(evaluation.stats[0]), "mAP50": float(evaluation.stats[1]),
            "mAP75": float(evaluation.stats[2]),
            "AP50": {name: float(values.mean()) for name, values in zip(names, precision.T)}}


def program(name):
    """adderc or adderrun: $ADDERC, $ADDERRUN, or that of the checkout."""
    return os.environ.get(name.upper(), ROOT / ".build/release" / name)


def run(name, *arguments):
    """Runs adderc or adderrun, which print nothing."""
    subprocess.run([program(name), *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL)


class Integers:
    """An exported checkpoint, compiled in a folder.

    Args:
        calibration: uint8 [N, C, *canvas].
        options: more of `adderc compile`.
        library: libadder.so, by default as adder_tools.Model has it.
    """

    def __init__(self, checkpoint, calibration, folder, options=(), library=None):
        self.checkpoint, self.folder, self.path = checkpoint, Path(folder), Path(folder) / "network.adb"
        images = self.folder / "calibration.npy"
        np.save(images, calibration)
        run("adderc", "compile", checkpoint, "-o", self.path, "--calibrate", images, *options)
        self.model = adder_tools.Model(self.path, library=library)

    def detect(self, canvases):
        """What adderrun gives: the numbers that its integers stand for, one array [N, …] for each output,
        and the file of the boxes that it finds."""
        images, outputs, boxes = (
            self.folder / name for name in ("images.npy", "outputs.npy", "boxes.json"))
        np.save(images, canvases)
        run("adderrun", self.path, images, "-o", outputs, "--detections", boxes)
        return [
            (part.astype(np.float64) - tensor.zero_point) * tensor.scale
            for part, tensor in zip(self._parts(outputs), self.model.outputs)], boxes

    def _parts(self, path):
        """The rows of an .npy file as one array [N, …] for each output."""
        shapes = [tensor.shape for tensor in self.model.outputs]
        ends = np.cumsum([np.prod(shape) for shape in shapes])
        parts = np.split(np.load(path), ends[:-1], axis=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, shapes)]

    def float_outputs(self, canvases):
        """What the float network gives, by `adderc verify`."""
        images, outputs = self.folder / "images.npy", self.folder / "outputs.npy"
        np.save(images, canvases)
        run("adderc", "verify", self.path, "--against", self.checkpoint, "--inputs", images,
            "--float-outputs", outputs)
        return self._parts(outputs)


def architecture_of(annotations):
    """The architecture that has the classes of a COCO JSON file."""
    names = {category["name"] for category in json.loads(Path(annotations).read_text())["categories"]}
    for architecture in ARCHITECTURES.values():
        if set(architecture.classes) == names:
            return architecture
    raise ValueError(f"{annotations}: no architecture has the classes {sorted(names)}")


def show(name, metrics):
    classes = ", ".join(f"{name} {value:.3f}" for name, value in metrics["AP50"].items())
    print(f"{name:18} mAP {metrics['mAP']:.4f}  mAP50 {metrics['mAP50']:.4f}  mAP75 {metrics['mAP75']:.4f}"
          f"  AP50: {classes}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", help="written by train.py, or a .safetensors file by export.py")
    parser.add_argument("annotations", help="a COCO JSON file")
    parser.add_argument("images", help="a folder of pictures, or an .npy file")
    parser.add_argument("--calibrate", nargs=2, metavar=("ANNOTATIONS", "IMAGES"),
                        help="pictures to calibrate integers on, of the training set")
    parser.add_argument("--calibration-count", type=int, default=128)
    parser.add_argument("--bits", default="8,6,4", help="widths of the integers, such as 8,6,4")
    parser.add_argument("--layer-bits", help="as adderc compile takes them")
    parser.add_argument("--results",
                        help="also boxes that adderrun found: what its --detections wrote")
    parser.add_argument("--library", help="libadder.so, for adder_tools.Model")
    parser.add_argument("--json", type=Path, help="also write all metrics to this file")
    options = parser.parse_args()

    measured = {}

    def measure(name, results):
        measured[name] = coco_metrics(options.annotations, results)
        show(name, measured[name])

    def measure_outputs(name, outputs):
        measure(name, detections(outputs, architecture, pictures))

    exported = options.checkpoint if options.checkpoint.endswith(".safetensors") else None
    if exported and not options.calibrate:
        parser.error("a .safetensors file needs --calibrate")
    network, architecture = (
        (None, architecture_of(options.annotations)) if exported else load(options.checkpoint))
    pictures = load_pictures(options.annotations, options.images, architecture)
    others = []
    if options.results:
        try:
            others = other_results(options.results, pictures)
        except ValueError as error:
            parser.error(f"--results: {error}")
    canvases = on_canvas(pictures, architecture)
    if network:
        measure_outputs("float", float_outputs(network, architecture, canvases))
    if options.calibrate:
        some = load_pictures(*options.calibrate, architecture)
        calibration = on_canvas(some, architecture)[:options.calibration_count].numpy()
        with tempfile.TemporaryDirectory() as folder:
            if not exported:
                exported = Path(folder) / "network.safetensors"
                export(network, architecture, exported)
            for bits in options.bits.split(","):
                extra = ["--bits", bits]
                if options.layer_bits:
                    extra += ["--layer-bits", options.layer_bits]
                integers = Integers(exported, calibration, folder, extra, options.library)
                if "float" not in measured:
                    measure_outputs("float", integers.float_outputs(canvases.numpy()))
                outputs, boxes = integers.detect(canvases.numpy())
                measure(f"{bits} bits", other_results(boxes, pictures))
                measure_outputs(f"{bits} bits, decode.py", outputs)
    if options.results:
        measure("results", others)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
