"""Writes the bundled model and its images from a checkpoint and the data set.

The same checkpoint, data set and versions give the same bytes.
"""

import argparse
import hashlib
import pathlib

import numpy as np
import torch

import fashion_mnist
from evaluate import correct_count, load_network, logits

TEST_COUNT = 1000
CALIBRATION_COUNT = 256


def save_array(path, array):
    """Writes .npy version 1.0 in C order."""
    with open(path, "wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0))


def write_bundle(network, train_images, test_images, test_labels, golden):
    """Writes the five files under the folder golden; returns their paths."""
    model = golden / "models" / "fashion-lenet5.pt"
    images = golden / "images"
    model.parent.mkdir(parents=True, exist_ok=True)
    images.mkdir(parents=True, exist_ok=True)

    torch.save(network.state_dict(), model)
    first_images = test_images[:TEST_COUNT]
    arrays = {
        f"fashion-test-{TEST_COUNT}-images.npy": first_images,
        f"fashion-test-{TEST_COUNT}-labels.npy": test_labels[:TEST_COUNT],
        f"fashion-test-{TEST_COUNT}-logits.npy": logits(network, first_images).numpy(),
        f"fashion-calibration-{CALIBRATION_COUNT}.npy": train_images[:CALIBRATION_COUNT],
    }
    for name, array in arrays.items():
        save_array(images / name, array)
    return [model, *(images / name for name in arrays)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", help="written by train.py")
    parser.add_argument("golden", type=pathlib.Path, help="folder that gets models/ and images/")
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    options = parser.parse_args()

    network = load_network(options.checkpoint)
    train_images, _ = fashion_mnist.load("train", options.data)
    test_images, test_labels = fashion_mnist.load("t10k", options.data)
    for path in write_bundle(network, train_images, test_images, test_labels, options.golden):
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.relative_to(options.golden))
    for count in (len(test_images), TEST_COUNT):
        correct = correct_count(network, test_images[:count], test_labels[:count])
        print(f"first {count} test images: {correct} correct")


if __name__ == "__main__":
    main()
