"""Runs a network in evaluation mode; from the command line, measures a checkpoint's accuracy."""

import argparse

import torch

import fashion_mnist
from model import AdderLeNet5  # also finds adder_tools

from adder_tools.nn import kernels


def logits(network, images, batch=500):
    """float32 logits [N, classes] of uint8 images [N, C, H, W], by PyTorch's own operations."""
    network.eval()
    with torch.no_grad(), kernels.plain():
        return torch.cat([
            network(fashion_mnist.normalize(images[start:start + batch]))
            for start in range(0, len(images), batch)
        ])


def correct_count(network, images, labels):
    """How many images the network classifies correctly."""
    predicted = logits(network, images).argmax(1)
    return (predicted == torch.as_tensor(labels)).sum().item()


def load_network(path):
    """The network with the state_dict stored at path."""
    network = AdderLeNet5()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    options = parser.parse_args()
    network = load_network(options.checkpoint)
    images, labels = fashion_mnist.load("t10k", options.data)
    for count in (len(images), 1000):
        correct = correct_count(network, images[:count], labels[:count])
        print(f"first {count} test images: {correct} correct, {100 * correct / count:.2f} %")


if __name__ == "__main__":
    main()
