"""Pictures with boxes: COCO annotations, and images in a folder or an .npy file."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image


@dataclass
class Pictures:
    """Pictures with boxes, in the order of the annotations' images.

    Attributes:
        pixels: uint8 [N, C, H, W].
        boxes: for each picture float32 [n, 4]: left, top, right, bottom, in pixels of `extents`.
        labels: for each picture int64 [n], indices of `Architecture.classes`.
        extents: rows and columns that a picture has on the canvas; pixels may have a multiple of both.
        ids: of the annotations' images.
        sizes: rows and columns of each image there, whose pixels the annotations count.
        categories: for each class its id there.
    """

    pixels: torch.Tensor
    boxes: list
    labels: list
    extents: tuple
    ids: list
    sizes: list
    categories: list


def read_image(path, extents, channels):
    """uint8 [C, H, W]; each pixel is the mean of the area that it covers."""
    with Image.open(path) as image:
        image = image.convert("RGB" if channels == 3 else "L")
        image = image.resize((extents[1], extents[0]), Image.Resampling.BOX)
        return np.array(image).reshape(*extents, channels).transpose(2, 0, 1)


def load_pictures(annotations, images, architecture, factor=1):
    """Reads pictures for an architecture.

    Args:
        annotations: a COCO JSON file. Its categories have the names of `architecture.classes`.
        images: a folder with the files that the annotations name, or an .npy file, uint8 [N, C, H, W],
            with one image for each of theirs, in their order.
        factor: images of a folder are kept so many times as large as on the canvas.

    All images of a folder become the largest size with their aspect that fits the canvas.

    Raises:
        ValueError: the files do not belong together, or not to the architecture.
    """
    content = json.loads(Path(annotations).read_text())
    found = {category["name"]: category["id"] for category in content["categories"]}
    if set(found) != set(architecture.classes):
        raise ValueError(
            f"{annotations}: classes {sorted(found)}, expected {sorted(architecture.classes)}")
    categories = [found[name] for name in architecture.classes]
    sizes = [(image["height"], image["width"]) for image in content["images"]]
    aspects = {height / width for height, width in sizes}
    if len(aspects) != 1:
        raise ValueError(
            f"{annotations}: images of {len(aspects)} aspects, expected one or more images of one")
    scale = min(side / size for side, size in zip(architecture.canvas, sizes[0]))
    extents = tuple(round(size * scale) for size in sizes[0])

    if Path(images).suffix == ".npy":
        pixels = np.load(images)
        expected = (len(sizes), architecture.channels, *sizes[0])
        if pixels.shape != expected or pixels.dtype != np.uint8 or extents != sizes[0]:
            raise ValueError(
                f"{images}: {pixels.dtype} {list(pixels.shape)}, expected uint8 {list(expected)} of at most"
                f" {list(architecture.canvas)} pixels")
    else:
        pixels = np.stack([
            read_image(Path(images) / image["file_name"], [factor * side for side in extents],
                       architecture.channels)
            for image in content["images"]])

    ids = [image["id"] for image in content["images"]]
    places = {image: index for index, image in enumerate(ids)}
    boxes, labels = [[] for _ in ids], [[] for _ in ids]
    for annotation in content["annotations"]:
        index = places[annotation["image_id"]]
        left, top, width, height = annotation["bbox"]
        y, x = (extent / size for extent, size in zip(extents, sizes[index]))
        boxes[index].append([left * x, top * y, (left + width) * x, (top + height) * y])
        labels[index].append(categories.index(annotation["category_id"]))
    return Pictures(
        torch.from_numpy(pixels), [torch.tensor(b).reshape(-1, 4) for b in boxes],
        [torch.tensor(c, dtype=torch.int64) for c in labels], extents, ids, sizes, categories)


def on_canvas(pictures, architecture):
    """uint8 [N, C, *canvas]: the pictures at the top left, the rest filled with what normalizes to 0."""
    pixels = pictures.pixels
    if tuple(pixels.shape[2:]) != pictures.extents:
        raise ValueError(f"pictures of {list(pixels.shape[2:])} pixels, expected {list(pictures.extents)}")
    canvas = pixels.new_full((*pixels.shape[:2], *architecture.canvas), architecture.fill)
    canvas[:, :, :pictures.extents[0], :pictures.extents[1]] = pixels
    return canvas
