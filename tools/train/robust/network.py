"""One small network in four kinds: what differs is how its four inner layers compare and train."""

import sys
from pathlib import Path

import torch
from torch import nn

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "python")]

import adder_tools  # noqa: E402
from adder_tools.nn import Adder2d, filter_norm, fold  # noqa: E402
from fashion_mnist import MEAN, STANDARD_DEVIATION  # noqa: E402

KINDS = {
    "convolution": "convolution",
    "adder": "adder",
    "normalized": "adder, filters normalized",
    "distilled": "adder, filters normalized, with a teacher",
}
# Input and output channels and stride of the inner layers, 3×3.
INNER = ((8, 16, 2), (16, 16, 1), (16, 32, 2), (32, 32, 1))


class SmallNetwork(nn.Module):
    """Maps images [N, 1, 28, 28], bytes / 255, to logits [N, 10].

    First and last layer are convolutions in every kind, as in the networks of Chen et al.
    """

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.first = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(8)
        layers, norms = [], []
        for inputs, outputs, stride in INNER:
            if kind == "convolution":
                layers.append(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False))
            else:
                layers.append(Adder2d(inputs, outputs, 3, stride, 1))
            norms.append(nn.BatchNorm2d(outputs))
        self.layers, self.norms = nn.ModuleList(layers), nn.ModuleList(norms)
        self.last = nn.Linear(INNER[-1][1], 10)
        if kind in ("normalized", "distilled"):
            filter_norm(self)

    def forward(self, images):
        x = (images - MEAN) / STANDARD_DEVIATION
        return self.classify(x)

    def classify(self, x):
        """The network on normalized images: what is exported."""
        x = torch.relu(self.first_norm(self.first(x)))
        for layer, norm in zip(self.layers, self.norms):
            x = torch.relu(norm(layer(x)))
        return self.last(x.mean((2, 3)))


class _OnNormalizedImages(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        return self.network.classify(images)


def export(network, path):
    """Writes a trained network, its filters folded, for `adderc compile`."""
    example = (torch.rand(1, 1, 28, 28) - MEAN) / STANDARD_DEVIATION
    adder_tools.export(
        _OnNormalizedImages(fold(network)).eval(), example, path, mean=[MEAN], std=[STANDARD_DEVIATION],
        name=network.kind)
