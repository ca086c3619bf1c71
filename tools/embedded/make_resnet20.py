#!/usr/bin/env python3
"""Writes a checkpoint of a ResNet-20 AdderNet with random weights, to prove and to measure firmware.

    tools/embedded/make_resnet20.py RESNET20.safetensors IMAGES.npy

The names and shapes are those of the published CIFAR-10 networks. The images are random, too, and
the batch norms' statistics are those of the images, so that values neither vanish nor saturate.
`adderc compile` takes both files, the images for --calibrate.
"""

import argparse
import json
import math
import pathlib
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

from vectors.random_numbers import SplitMix64  # noqa: E402

SEED = 20
EPSILON = 1e-5
CLASSES = 10


class Network:
    """Runs a network layer by layer, inventing the weights of each; activations are [N, C, H, W]."""

    def __init__(self, seed):
        self.random = SplitMix64(seed)
        self.tensors = {}

    def new(self, name, shape, low, high):
        values = [self.random.real(low, high) for _ in range(math.prod(shape))]
        self.tensors[name] = np.array(values, np.float32).reshape(shape)
        return self.tensors[name]

    def patches(self, x, kernel, stride):
        """[N, H', W', C·kernel²] of a zero-padded input."""
        padding = kernel // 2
        padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
        return windows.reshape(*windows.shape[:3], -1)

    def convolution(self, name, x, filters, kernel):
        weights = self.new(f"{name}.weight", (filters, x.shape[1], kernel, kernel), -0.5, 0.5)
        return (self.patches(x, kernel, 1) @ weights.reshape(filters, -1).T).transpose(0, 3, 1, 2)

    def adder(self, name, x, filters, kernel, stride=1):
        """Σ|x − w| with a minus sign. A third of the weights lies among the inputs, as in trained
        networks."""
        weights = self.new(f"{name}.adder", (filters, x.shape[1], kernel, kernel), -3, 3)
        patches = self.patches(x, kernel, stride)
        sums = [-np.abs(patches - w).sum(axis=-1) for w in weights.reshape(filters, -1)]
        return np.stack(sums, axis=1)

    def normalization(self, name, x):
        shape = (x.shape[1],)
        weight = self.new(f"{name}.weight", shape, 0.25, 0.5)
        bias = self.new(f"{name}.bias", shape, -0.2, 0.3)
        mean = self.tensors[f"{name}.running_mean"] = x.mean(axis=(0, 2, 3), dtype=np.float32)
        variance = self.tensors[f"{name}.running_var"] = x.var(axis=(0, 2, 3), dtype=np.float32)
        slope = weight / np.sqrt(variance + EPSILON)
        return x * slope[:, None, None] + (bias - mean * slope)[:, None, None]

    def block(self, name, x, filters, stride):
        identity = x
        y = self.normalization(f"{name}.bn1", self.adder(f"{name}.conv1", x, filters, 3, stride))
        y = np.maximum(y, 0)
        y = self.normalization(f"{name}.bn2", self.adder(f"{name}.conv2", y, filters, 3))
        if stride > 1:
            identity = self.adder(f"{name}.downsample.0", x, filters, 1, stride)
            identity = self.normalization(f"{name}.downsample.1", identity)
        return np.maximum(y + identity, 0)

    def resnet20(self, x):
        x = np.maximum(self.normalization("bn1", self.convolution("conv1", x, 16, 3)), 0)
        for layer, filters in enumerate((16, 32, 64), start=1):
            for block in range(3):
                stride = 2 if layer > 1 and block == 0 else 1
                x = self.block(f"layer{layer}.{block}", x, filters, stride)
        x = x.mean(axis=(2, 3), keepdims=True)
        return self.normalization("bn2", self.convolution("fc", x, CLASSES, 1))


def safetensors(tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = np.ascontiguousarray(tensor, "<f4").tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(values)],
        }
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", metavar="RESNET20.safetensors", type=pathlib.Path)
    parser.add_argument("images", metavar="IMAGES.npy", type=pathlib.Path)
    a = parser.parse_args()
    network = Network(SEED)
    images = np.array(network.random.integers(4 * 3 * 32 * 32, 0, 255), np.uint8)
    images = images.reshape(4, 3, 32, 32)
    network.resnet20((images / 255 - 0.5) / 0.25)
    try:
        a.checkpoint.write_bytes(safetensors(network.tensors))
        np.save(a.images, images)
    except OSError as error:
        print(f"make_resnet20: {error}", file=sys.stderr)
        return 73
    return 0


sys.exit(main())
