"""Makes scenes of Fashion-MNIST items on clutter, with COCO annotations.

All arithmetic is of integers, so that a seed gives the same bytes on every machine. Training scenes
have items of the training split, test scenes of the test split.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from network import ARCHITECTURES

sys.path.append(str(Path(__file__).resolve().parents[1]))

import fashion_mnist  # noqa: E402

HEIGHT, WIDTH = ARCHITECTURES["scenes"].canvas
CLASSES = ARCHITECTURES["scenes"].classes
SIDES = (22, 56)  # of the square that an item of 28×28 is resized to
ITEMS = (1, 6)
TRIES = 12  # at a place for an item
LARGEST_OVERLAP = 10  # percent of the smaller of two boxes
# What a pixel of an item has at least, of 255, to count for its box.
VISIBLE = 24


def resize(image, height, width):
    """A uint8 image [h, w] at another size, bilinearly, in integers of 1/256."""

    def places(size, target):
        # Centre of a target pixel among the source's, in 1/256 pixels.
        position = ((2 * np.arange(target) + 1) * size * 128 // target - 128).clip(0, (size - 1) * 256)
        first = np.minimum(position // 256, size - 2)
        return first, position - 256 * first

    (top, down), (left, right) = places(image.shape[0], height), places(image.shape[1], width)
    source = image.astype(np.int64)
    rows = source[top] * (256 - down[:, None]) + source[top + 1] * down[:, None]
    pixels = rows[:, left] * (256 - right) + rows[:, left + 1] * right
    return ((pixels + 32768) >> 16).astype(np.uint8)


def blend(scene, top, left, values, opacity):
    """Puts values [h, w] over a part of an int64 scene; opacity, of 255, is a number or [h, w]."""
    height, width = values.shape
    part = scene[top:top + height, left:left + width]
    part[...] = (part * (255 - opacity) + values * opacity + 127) // 255


def clutter(generator, items):
    """A background, int64 [HEIGHT, WIDTH]: a slope of grey, rectangles, stripes and scraps of items."""
    corners = generator.integers(10, 130, (2, 2)).astype(np.uint8)
    scene = resize(corners, HEIGHT, WIDTH).astype(np.int64)
    for _ in range(generator.integers(2, 9)):
        height, width = generator.integers(3, 40), generator.integers(3, 40)
        if generator.integers(3) == 0:
            height, width = (2, width + 30) if generator.integers(2) else (height + 30, 2)
        top, left = generator.integers(0, HEIGHT - height), generator.integers(0, WIDTH - width)
        blend(scene, top, left, np.full((height, width), generator.integers(0, 200)),
              generator.integers(40, 200))
    for _ in range(generator.integers(0, 5)):
        item = items[generator.integers(len(items))]
        size, (top, left) = generator.integers(6, 11), generator.integers(4, 14, 2)
        scrap = item[top:top + size, left:left + size]
        top, left = generator.integers(0, HEIGHT - size), generator.integers(0, WIDTH - size)
        blend(scene, top, left, scrap.astype(np.int64), generator.integers(100, 256))
    return scene


def visible_box(pixels):
    """Left, top, right and bottom of the pixels that are seen, the last two exclusive."""
    rows, columns = (pixels >= VISIBLE).any(1).nonzero()[0], (pixels >= VISIBLE).any(0).nonzero()[0]
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def overlaps(box, others):
    for other in others:
        width = min(box[2], other[2]) - max(box[0], other[0])
        height = min(box[3], other[3]) - max(box[1], other[1])
        area = min((b[2] - b[0]) * (b[3] - b[1]) for b in (box, other))
        if width > 0 and height > 0 and 100 * width * height > LARGEST_OVERLAP * area:
            return True
    return False


def make_scene(generator, items, labels):
    """A scene, uint8 [HEIGHT, WIDTH], and its objects: boxes, as `visible_box` has them, with classes."""
    scene = clutter(generator, items)
    boxes, classes = [], []
    for _ in range(generator.integers(ITEMS[0], ITEMS[1] + 1)):
        index = generator.integers(len(items))
        side = generator.integers(SIDES[0], SIDES[1] + 1)
        pixels = resize(items[index], side, side)
        if generator.integers(2):
            pixels = pixels[:, ::-1]
        brightness = generator.integers(150, 256)
        left, top, right, bottom = visible_box(pixels)
        pixels = pixels[top:bottom, left:right].astype(np.int64)
        height, width = pixels.shape
        for _ in range(TRIES):
            y, x = generator.integers(0, HEIGHT - height + 1), generator.integers(0, WIDTH - width + 1)
            box = (x, y, x + width, y + height)
            if not overlaps(box, boxes):
                blend(scene, y, x, pixels * brightness // 255, np.minimum(255, pixels * 6))
                boxes.append(tuple(int(v) for v in box))
                classes.append(int(labels[index]))
                break
    noise = generator.integers(-6, 7, scene.shape) + generator.integers(-6, 7, scene.shape)
    return (scene + noise).clip(0, 255).astype(np.uint8), boxes, classes


def make_scenes(count, seed, items, labels):
    """Scenes uint8 [count, 1, HEIGHT, WIDTH] and their annotations as COCO has them.

    Args:
        items, labels: uint8 [N, 28, 28] and [N].
    """
    scenes, images, annotations = [], [], []
    for index in range(count):
        # A seed of its own, so that the first scenes do not depend on how many there are.
        scene, boxes, classes = make_scene(np.random.default_rng([seed, index]), items, labels)
        scenes.append(scene)
        images.append({"id": index, "file_name": str(index), "height": HEIGHT, "width": WIDTH})
        for (left, top, right, bottom), label in zip(boxes, classes):
            width, height = right - left, bottom - top
            annotations.append({
                "id": len(annotations) + 1, "image_id": index, "category_id": label + 1,
                "bbox": [left, top, width, height], "area": width * height, "iscrowd": 0})
    categories = [{"id": index + 1, "name": name} for index, name in enumerate(CLASSES)]
    return np.stack(scenes)[:, None], {
        "images": images, "annotations": annotations, "categories": categories}


def write(folder, name, scenes, annotations):
    """FOLDER/NAME.npy and FOLDER/NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.npy", "wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(scenes), version=(1, 0))
    lines = [f'"{key}": [\n' + ",\n".join(json.dumps(part) for part in parts) + "\n]"
             for key, parts in annotations.items()]
    (folder / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{folder / name}.npy, .json: {len(scenes)} scenes, {len(annotations['annotations'])} items")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("folder", type=Path, help="gets NAME.npy and NAME.json; created if missing")
    parser.add_argument("name", help="of the files")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--split", choices=("train", "t10k"), help="of Fashion-MNIST")
    source.add_argument("--items", nargs=2, metavar=("IMAGES", "LABELS"),
                        help=".npy files in place of a split: uint8 [N, 1, 28, 28] and [N]")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    options = parser.parse_args()
    if options.items:
        items, labels = map(np.load, options.items)
    else:
        items, labels = fashion_mnist.load(options.split, options.data)
    write(options.folder, options.name, *make_scenes(options.count, options.seed, items[:, 0], labels))


if __name__ == "__main__":
    main()
