#!/usr/bin/env python3
"""Runs an `.adb` model over images and writes or compares its integers, or prints its boxes."""

import argparse
import math
import sys

import numpy as np

from adb.boxes import detect
from adb.format import decode
from adb.interpreter import run
from adb.reader import FormatError


def load(path, limit):
    """The array in a `.npy` file, or its first `limit` rows."""
    try:
        values = np.load(path, allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise ValueError(f"{path}: not a .npy file of numbers: {error}") from None
    if not isinstance(values, np.ndarray) or values.ndim == 0:
        raise ValueError(f"{path}: not a .npy file of one array")
    return values[:limit]


def images_in_arena_order(values, shape, path):
    """Images [N, C, H, W] or [N, H, W] as [N, H, W, C]."""
    height, width, channels = shape
    if values.dtype != np.uint8:
        raise ValueError(f"{path}: type {values.dtype}, expected uint8")
    if values.ndim == 3:
        values = values[:, np.newaxis]
    if values.ndim != 4 or values.shape[1:] != (channels, height, width):
        raise ValueError(
            f"{path}: shape {list(values.shape)}, expected [N, {channels}, {height}, {width}]")
    return np.ascontiguousarray(values.transpose(0, 2, 3, 1))


def rows_of_outputs(outputs):
    """Outputs [N, H, W, C] as one row an image: each in the order C, H, W, one after another."""
    return np.concatenate(
        [values.transpose(0, 3, 1, 2).reshape(len(values), -1).astype(np.int32)
         for values in outputs], axis=1)


def first_difference(rows, expected):
    """Where two results differ, as a sentence; None if they are equal."""
    if expected.ndim != 2 or rows.shape != expected.shape:
        return f"shape {list(expected.shape)}, expected {list(rows.shape)}"
    if not np.issubdtype(expected.dtype, np.integer):
        return f"type {expected.dtype}, expected integers"
    different = np.argwhere(rows != expected)
    if not len(different):
        return None
    image, output = different[0]
    return (f"{len(different)} of {rows.size} values in"
            f" {len(set(different[:, 0].tolist()))} images differ; the first is image {image},"
            f" output {output}: {expected[image, output]}, expected {rows[image, output]}")


def lines_of_boxes(detections, fraction_bits):
    """The boxes of each image as text: in pixels, with the score as a number between 0 and 1."""
    for image, found in enumerate(detections):
        dropped = f", {found.dropped_count} dropped" if found.dropped_count else ""
        yield (f"image {image}: {len(found.boxes)} boxes of {found.candidate_count}"
               f" candidates{dropped}")
        for *sides, label, level, score, place in found.boxes.tolist():
            left, top, right, bottom = (f"{side / 2**fraction_bits:g}" for side in sides)
            yield (f"  class {label}, score {math.exp(score / 2**17):.4f} ({score}): left {left},"
                   f" top {top}, right {right}, bottom {bottom}; level {level}, candidate {place}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", metavar="MODEL.adb")
    parser.add_argument(
        "inputs", metavar="INPUT.npy", nargs="+",
        help="uint8 [N, C, H, W] or [N, H, W], one file for each input of the network")
    parser.add_argument("-o", "--output", metavar="OUT.npy", help="write int32 [N, outputs]")
    parser.add_argument("--limit", type=int, metavar="N", help="run the first N images only")
    parser.add_argument(
        "--compare", metavar="OUT2.npy", help="exit with 1 if this file holds other integers")
    parser.add_argument(
        "--arena", action="store_true", help="keep all tensors in one arena, as the runtime does")
    parser.add_argument(
        "--boxes", action="store_true", help="print the boxes of each image, not its outputs")
    parser.add_argument(
        "--capacity", type=int, metavar="N",
        help="candidates that boxes are made of at most (default: as the model has it)")
    arguments = parser.parse_args()
    if arguments.capacity is not None and not arguments.boxes:
        parser.error("--capacity needs --boxes")
    boxes = []
    try:
        with open(arguments.model, "rb") as file:
            model = decode(file.read())
        if len(arguments.inputs) != len(model.inputs):
            raise ValueError(f"{len(arguments.inputs)} inputs, expected {len(model.inputs)}")
        inputs = [
            images_in_arena_order(
                load(path, arguments.limit), model.tensors[index].shape, path)
            for path, index in zip(arguments.inputs, model.inputs)]
        outputs = run(model, inputs, arena=arguments.arena)
        if arguments.boxes:
            detections = detect(model, outputs, arguments.capacity)
            boxes = lines_of_boxes(detections, model.detection.header.fraction_bits)
        rows = rows_of_outputs(outputs)
        if arguments.output:
            np.save(arguments.output, rows)
        if arguments.compare:
            expected = load(arguments.compare, arguments.limit)
            difference = first_difference(rows, expected)
            if difference:
                print(f"run_adb: {arguments.compare}: {difference}", file=sys.stderr)
                return 1
            print(f"{rows.shape[0]} images, {rows.shape[1]} outputs each: equal")
    except FormatError as error:
        print(f"run_adb: {arguments.model}: {error}", file=sys.stderr)
        return 65
    except (OSError, ValueError) as error:
        print(f"run_adb: {error}", file=sys.stderr)
        return 65
    for line in boxes:
        print(line)
    if not (arguments.output or arguments.compare or arguments.boxes):
        for row in rows:
            print(" ".join(map(str, row)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
