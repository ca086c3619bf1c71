"""Writes all 10,000 Fashion-MNIST test images and labels as .npy files."""

import argparse
import pathlib

import numpy as np

import fashion_mnist


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="created if missing")
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    options = parser.parse_args()
    images, labels = fashion_mnist.load("t10k", options.data)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("images", images), ("labels", labels)):
        path = options.folder / f"fashion-test-{len(images)}-{name}.npy"
        np.save(path, np.ascontiguousarray(array))
        print(f"{path}: {array.dtype} {list(array.shape)}")


if __name__ == "__main__":
    main()
