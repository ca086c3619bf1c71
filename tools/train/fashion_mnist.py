"""Fashion-MNIST from the IDX files of the Debian package dataset-fashion-mnist."""

import gzip
import pathlib

import numpy as np
import torch

DEFAULT_FOLDER = pathlib.Path("/usr/share/datasets/fashion-mnist")
MEAN, STANDARD_DEVIATION = 0.2860, 0.3530


def load(split, folder=DEFAULT_FOLDER):
    """Returns uint8 images [N, 1, 28, 28] and uint8 labels [N] of split 'train' or 't10k'."""
    folder = pathlib.Path(folder)
    images = read_idx(folder / f"{split}-images-idx3-ubyte.gz", rank=3)
    labels = read_idx(folder / f"{split}-labels-idx1-ubyte.gz", rank=1)
    if len(images) != len(labels):
        raise ValueError(f"{folder}: {len(images)} images, but {len(labels)} labels")
    return images[:, np.newaxis], labels


def read_idx(path, rank):
    """The uint8 array in a gzipped IDX file: 0, 0, 8, rank, big-endian dimensions, elements."""
    with gzip.open(path) as file:
        content = file.read()
    if content[:4] != bytes([0, 0, 8, rank]):
        raise ValueError(f"{path}: starts with {content[:4].hex()}, expected 000008{rank:02x}")
    shape = np.frombuffer(content, ">u4", count=rank, offset=4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape).copy()


def normalize(images):
    """float32 `(images/255 − mean) / standard deviation` of uint8 images, as a tensor."""
    pixels = torch.as_tensor(images).to(torch.float32)
    return (pixels / 255 - MEAN) / STANDARD_DEVIATION
