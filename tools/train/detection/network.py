"""A small FCOS (Tian et al., ICCV 2019) with an adder backbone and neck, after Chen et al., "An Empirical
Study of Adder Neural Networks for Object Detection" (NeurIPS 2021); and its twin of convolutions."""

import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))

from adder_tools import Detection  # noqa: E402
from adder_tools.nn import Adder2d  # noqa: E402

KINDS = ("adder", "convolution")


@dataclass(frozen=True)
class Architecture:
    """Shapes of a detector.

    Attributes:
        channels: of the image.
        canvas: rows and columns of the input; multiples of the largest stride, so that what is upsampled
            meets the finer level.
        mean, deviation: of a pixel / 255, one number for all channels; the mean a multiple of 1/255, so
            that zero padding is a byte.
        stem: filters of the first convolution, 3×3 with stride 2.
        stages: filters and residual blocks of each stage; the first has stride 4, each following one twice
            that of the one before.
        level_count: how many of the last stages the neck takes.
        neck: channels of the neck and head.
        classes: names, in the order of the outputs.
    """

    channels: int
    canvas: tuple[int, int]
    mean: float
    deviation: float
    stem: int
    stages: tuple[tuple[int, int], ...]
    level_count: int
    neck: int
    classes: tuple[str, ...]

    @property
    def strides(self):
        """Pixels between the locations of each level, finest first."""
        return [4 << stage for stage in range(len(self.stages))][-self.level_count:]

    @property
    def detection(self):
        """How the outputs become boxes."""
        return Detection(self.strides)

    @property
    def fill(self):
        """The byte that normalizes to 0: around images that are smaller than the canvas."""
        return round(255 * self.mean)


ARCHITECTURES = {
    "cells": Architecture(
        3, (128, 160), 153 / 255, 0.2, 16, ((24, 1), (48, 2), (64, 1)), 3, 32,
        ("RBC", "WBC", "Platelets")),
    "scenes": Architecture(
        1, (96, 128), 102 / 255, 0.25, 16, ((24, 1), (48, 2), (64, 1)), 2, 44,
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
         "Ankle boot")),
}


def layer(kind, inputs, outputs, size, stride=1):
    """An adder layer or convolution with batch norm behind it."""
    if kind == "adder":
        first = Adder2d(inputs, outputs, size, stride, size // 2, input_gradient="sign")
    else:
        first = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return nn.Sequential(first, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """ReLU(layer(ReLU(layer(x))) + shortcut(x)), 3×3; the shortcut is a layer 1×1 where shapes differ."""

    def __init__(self, kind, inputs, outputs, stride):
        super().__init__()
        self.first = layer(kind, inputs, outputs, 3, stride)
        self.second = layer(kind, outputs, outputs, 3)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else layer(kind, inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class Neck(nn.Module):
    """R-PAFPN: each stage's map is brought to the same channels by a layer 1×1; then bottom-up, each level
    gets the finer one through a layer 3×3 of stride 2; then top-down, each gets the coarser one upsampled,
    and a layer 3×3 with a residual around it."""

    def __init__(self, kind, inputs, channels):
        super().__init__()
        self.lateral = nn.ModuleList(layer(kind, width, channels, 1) for width in inputs)
        self.down = nn.ModuleList(layer(kind, channels, channels, 3, 2) for _ in inputs[1:])
        self.smooth = nn.ModuleList(layer(kind, channels, channels, 3) for _ in inputs)

    def forward(self, maps):
        levels = [lateral(x) for lateral, x in zip(self.lateral, maps)]
        for index, down in enumerate(self.down):
            levels[index + 1] = levels[index + 1] + down(levels[index])
        for index in reversed(range(len(levels))):
            x = levels[index]
            if index + 1 < len(levels):
                x = x + F.interpolate(levels[index + 1], scale_factor=2.0, mode="nearest")
            levels[index] = x + self.smooth[index](x)
        return levels


class Head(nn.Module):
    """Convolutions 3×3 that all levels share: one of `channels` filters, then classes, distances and
    centerness. Batch norm before and behind the first one, and a learned factor of distances, are of
    each level: all of them fold into requantizers.

    Before it, batch norm with ReLU ends the neck's sums, as in networks with pre-activation (He et al.,
    "Identity Mappings in Deep Residual Networks", ECCV 2016): the head then reads bytes, not their 16 bits.
    """

    def __init__(self, channels, class_count, level_count):
        super().__init__()
        self.ends = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(level_count))
        self.tower = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(level_count))
        self.classes = nn.Conv2d(channels, class_count, 3, padding=1)
        self.distances = nn.Conv2d(channels, 4, 3, padding=1)
        self.centerness = nn.Conv2d(channels, 1, 3, padding=1)
        self.scales = nn.Parameter(torch.ones(level_count))
        for convolution in (self.classes, self.distances, self.centerness):
            nn.init.normal_(convolution.weight, std=0.01)
        nn.init.constant_(self.classes.bias, -4.595)  # a prior of 1 %, as for the focal loss
        nn.init.constant_(self.distances.bias, 1.5)

    def forward(self, levels):
        outputs = []
        for index, x in enumerate(levels):
            x = F.relu(self.ends[index](x))
            x = F.relu(self.norms[index](self.tower(x)))
            outputs.append((
                self.classes(x), F.relu(self.distances(x) * self.scales[index]), self.centerness(x)))
        return outputs


class Detector(nn.Module):
    """Maps normalized images [N, C, H, W] to a tuple of three tensors for each level, finest first: logits
    of classes [N, classes, h, w], distances from a location to a box's left, top, right and bottom side,
    in units of the stride and not negative, [N, 4, h, w], and the logit of centerness [N, 1, h, w].

    Location (i, j) of a level of stride s is the point ((j + 1/2)·s, (i + 1/2)·s) of the image.
    """

    def __init__(self, architecture, kind="adder"):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(architecture.channels, architecture.stem, 3, 2, 1, bias=False),
            nn.BatchNorm2d(architecture.stem))
        width, stages = architecture.stem, []
        for filters, blocks in architecture.stages:
            stages.append(nn.Sequential(*(
                Block(kind, width if block == 0 else filters, filters, 2 if block == 0 else 1)
                for block in range(blocks))))
            width = filters
        self.stages = nn.ModuleList(stages)
        self.level_count = architecture.level_count
        widths = [filters for filters, _ in architecture.stages][-self.level_count:]
        self.neck = Neck(kind, widths, architecture.neck)
        self.head = Head(architecture.neck, len(architecture.classes), self.level_count)

    def forward(self, images):
        x, maps = F.relu(self.stem(images)), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        outputs = self.head(self.neck(maps[-self.level_count:]))
        return tuple(tensor for level in outputs for tensor in level)


def normalize(images, architecture):
    """float32 (bytes / 255 − mean) / deviation of uint8 images."""
    return (images.float() / 255 - architecture.mean) / architecture.deviation


def save(path, network, name, kind):
    torch.save({"architecture": name, "kind": kind, "network": network.state_dict()}, path)


def load(path):
    """The network of a checkpoint of train.py, in evaluation mode, and its architecture."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    architecture = ARCHITECTURES[content["architecture"]]
    network = Detector(architecture, content["kind"])
    network.load_state_dict(content["network"])
    return network.eval(), architecture
