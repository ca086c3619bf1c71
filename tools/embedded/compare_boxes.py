#!/usr/bin/env python3
"""Compares the boxes that a firmware wrote with those that adderrun found.

    compare_boxes.py EXAMPLE.txt DETECTIONS.json

EXAMPLE.txt is what tools/embedded/firmware/example.c or tools/embedded/wasm/run.mjs writes of a
detector: for each image a line 'N boxes' and N lines of a class, its name if there is one, four sides
in 1/2^f pixels, the negated score, level and place. DETECTIONS.json is of 'adderrun --detect --json',
of at least these images. Classes, sides and scores have to be equal, in this order, with one f for all
boxes. Needs Python's standard library.
"""

import json
import re
import sys
from pathlib import Path


def written(text: str) -> list[list[list[int]]]:
    """For each image its boxes, each [class, left, top, right, bottom, -score, level, place]."""
    images, missing = [], 0
    for line in text.splitlines():
        # Digits are in groups of three.
        line = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", line)
        if missing:
            columns = re.split(r" {2,}", line.strip())
            numbers = [column for column in columns if re.fullmatch(r"\d+", column)]
            if len(numbers) != 8:
                sys.exit(f"{line!r}: expected eight numbers")
            images[-1].append([int(number) for number in numbers])
            missing -= 1
        elif count := re.fullmatch(r" *(\d+) box(es)?", line):
            images.append([])
            missing = int(count[1])
    if missing:
        sys.exit(f"{missing} boxes are missing")
    return images


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    images = written(Path(sys.argv[1]).read_text())
    detections = json.loads(Path(sys.argv[2]).read_text())["detections"]
    if not 0 < len(images) <= len(detections):
        sys.exit(f"{len(images)} images with boxes, adderrun has {len(detections)}")
    count, fractions = 0, set(range(1, 9))
    for index, (found, expected) in enumerate(zip(images, detections)):
        if len(found) != len(expected):
            sys.exit(f"image {index}: {len(found)} boxes, adderrun has {len(expected)}")
        for number, (box, other) in enumerate(zip(found, expected)):
            label, *sides, score, _, _ = box
            fractions = {
                bits for bits in fractions if [side / 2**bits for side in sides] == other["box"]}
            if label != other["class"] or -score != other["value"] or not fractions:
                sys.exit(f"image {index}, box {number}: {box}, adderrun has {other}")
            count += 1
    if count == 0:
        sys.exit("no boxes to compare")
    print(f"  {count} boxes of {len(images)} images are those of adderrun")


if __name__ == "__main__":
    main()
