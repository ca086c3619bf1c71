#!/usr/bin/env python3
"""Writes golden/graphs/*.json: networks of published tables as graphs with shapes alone.

    tools/graphs/make_graphs.py [FOLDER]

`adderc estimate` reads them; docs/cost-model.md says what they reproduce. Classification networks
have adder layers everywhere, first layer, shortcuts and classifier included, because that is how
Chen et al., "AdderNet" (CVPR 2020), table 1, counts them. Detectors are those of Chen et al., "An
Empirical Study of Adder Neural Networks for Object Detection" (NeurIPS 2021), table 5.
"""

import json
import pathlib
import sys


class Graph:
    """A graph under construction; values are (name, channels)."""

    def __init__(self, name, shape):
        self.name = name
        self.inputs = [{"name": "image", "shape": list(shape)}]
        self.nodes = []
        self.outputs = []

    def node(self, name, op, inputs, **attributes):
        self.nodes.append(
            {"name": name, "op": op, "inputs": [i[0] for i in inputs], **attributes})

    def layer(self, name, value, filters, kernel=1, stride=1, padding=None, adder=True, weight=None):
        attributes = {"filters": filters, "kernel": kernel}
        if stride != 1:
            attributes["stride"] = stride
        padding = kernel // 2 if padding is None else padding
        if padding:
            attributes["padding"] = padding
        if weight:
            attributes["parameters"] = {"weight": weight}
        self.node(name, "adder2d" if adder else "conv2d", [value], **attributes)
        return name, filters

    def unary(self, name, op, value, **attributes):
        self.node(name, op, [value], **attributes)
        return name, value[1]

    def add(self, name, first, second):
        self.node(name, "add", [first, second])
        return name, first[1]

    def normalized(self, name, value, filters, kernel=1, stride=1, relu=True, **options):
        value = self.layer(name, value, filters, kernel, stride, **options)
        value = self.unary(name + ".bn", "batch_norm", value)
        return self.unary(name + ".relu", "relu", value) if relu else value

    def text(self):
        def lines(items):
            return ",\n".join("    " + json.dumps(item) for item in items)

        return (
            '{\n  "schema": "adder-graph-1",\n  "name": %s,\n  "inputs": [\n%s\n  ],\n'
            '  "nodes": [\n%s\n  ],\n  "outputs": %s\n}\n'
            % (json.dumps(self.name), lines(self.inputs), lines(self.nodes),
               json.dumps([output[0] for output in self.outputs])))


IMAGE = ("image", 3)


def block(graph, name, value, filters, stride, expansion, stride_in_3x3):
    """A residual block of two 3x3 layers, or of 1x1, 3x3 and 1x1 with four times the filters."""
    width = filters * expansion
    if expansion == 1:
        body = graph.normalized(name + ".conv1", value, filters, 3, stride)
        body = graph.normalized(name + ".conv2", body, width, 3, relu=False)
    else:
        first, second = (1, stride) if stride_in_3x3 else (stride, 1)
        body = graph.normalized(name + ".conv1", value, filters, 1, first)
        body = graph.normalized(name + ".conv2", body, filters, 3, second)
        body = graph.normalized(name + ".conv3", body, width, relu=False)
    if stride != 1 or value[1] != width:
        value = graph.normalized(name + ".downsample", value, width, 1, stride, relu=False)
    return graph.unary(name + ".relu", "relu", graph.add(name + ".add", body, value))


def stage(graph, name, value, count, filters, stride, expansion=1, stride_in_3x3=False):
    for index in range(count):
        value = block(
            graph, f"{name}.{index}", value, filters, stride if index == 0 else 1, expansion,
            stride_in_3x3)
    return value


def classifier(graph, value, classes):
    value = graph.unary("avgpool", "global_average_pool", value)
    graph.node("fc", "adder_linear", [value], filters=classes)
    graph.outputs.append(("fc", classes))
    return graph


def cifar_resnet(depth):
    graph = Graph(f"resnet{depth}-cifar", (3, 32, 32))
    value = graph.normalized("conv1", IMAGE, 16, 3)
    for name, filters, stride in (("layer1", 16, 1), ("layer2", 32, 2), ("layer3", 64, 2)):
        value = stage(graph, name, value, (depth - 2) // 6, filters, stride)
    return classifier(graph, value, 10)


def backbone(graph, counts, expansion, stride_in_3x3=False, adder_stem=True):
    """The values of the four stages of a ResNet."""
    value = graph.normalized("conv1", IMAGE, 64, 7, 2, adder=adder_stem)
    value = graph.unary("maxpool", "max_pool", value, kernel=3, stride=2, padding=1)
    values = []
    for index, count in enumerate(counts):
        value = stage(
            graph, f"layer{index + 1}", value, count, 64 << index, 1 if index == 0 else 2,
            expansion, stride_in_3x3)
        values.append(value)
    return values


def imagenet_resnet(depth, counts, expansion):
    graph = Graph(f"resnet{depth}-imagenet", (3, 224, 224))
    return classifier(graph, backbone(graph, counts, expansion)[-1], 1000)


def vgg_small():
    graph = Graph("vgg-small-cifar", (3, 32, 32))
    value = IMAGE
    for index, filters in enumerate((128, 128, 256, 256, 512, 512)):
        value = graph.normalized(f"conv{index + 1}", value, filters, 3)
        if index % 2:
            value = graph.unary(f"pool{index // 2 + 1}", "max_pool", value, kernel=2)
    value = graph.unary("flatten", "flatten", value)
    graph.node("fc", "adder_linear", [value], filters=10)
    graph.outputs.append(("fc", 10))
    return graph


def lenet5(with_batch_norm):
    graph = Graph("lenet5-bn" if with_batch_norm else "lenet5", (1, 32, 32))
    value = ("image", 1)
    for index, filters in enumerate((6, 16, 120)):
        value = graph.layer(f"conv{index + 1}", value, filters, 5, padding=0)
        if with_batch_norm:
            value = graph.unary(f"bn{index + 1}", "batch_norm", value)
        value = graph.unary(f"relu{index + 1}", "relu", value)
        if index < 2:
            value = graph.unary(f"pool{index + 1}", "average_pool", value, kernel=2)
    graph.node("fc1", "adder_linear", [value], filters=84)
    graph.node("relu4", "relu", [("fc1", 84)])
    graph.node("fc2", "adder_linear", [("relu4", 84)], filters=10)
    graph.outputs.append(("fc2", 10))
    return graph


def crop(graph, name, value, small, large):
    """A value of twice the extents of `small`, without what exceeds those of `large`.

    The vocabulary has no crop; a pool of two that moves by one stands for it.
    """
    excess = [2 * s - l for s, l in zip(small, large)]
    if excess == [0, 0]:
        return value
    return graph.unary(
        name + ".crop", "max_pool", value, kernel=[1 + e for e in excess], stride=1)


def halved(size):
    return [(extent + 1) // 2 for extent in size]


def neck(graph, stages, sizes, adder, residual_path, last_levels, channels=256):
    """FPN, or R-PAFPN: bottom-up, then top-down, a shortcut around each 3x3 adder layer."""
    def smooth(name, value):
        smoothed = graph.layer(name, value, channels, 3, adder=adder)
        return graph.add(name + ".add", smoothed, value) if residual_path else smoothed

    values = [
        graph.layer(f"neck.lateral{index + 3}", value, channels, adder=adder)
        for index, value in enumerate(stages)]
    if residual_path:
        for index in (1, 2):
            down = graph.layer(
                f"neck.down{index + 3}", values[index - 1], channels, 3, 2, adder=adder)
            values[index] = smooth(
                f"neck.up{index + 3}", graph.add(f"neck.sum{index + 3}", values[index], down))
    for index in (1, 0):
        name = f"neck.top{index + 3}"
        up = graph.unary(name, "upsample_nearest", values[index + 1], factor=2)
        up = crop(graph, name, up, sizes[index + 1], sizes[index])
        values[index] = graph.add(name + ".add", values[index], up)
    levels = [smooth(f"neck.out{index + 3}", value) for index, value in enumerate(values)]
    for index in range(last_levels):
        levels.append(
            graph.layer(f"neck.extra{index + 6}", levels[-1], channels, 3, 2, adder=adder))
    return levels


def head(graph, levels, outputs, adder=False):
    """Two towers of four 3x3 layers, shared by all levels; the last layers stay convolutions."""
    for level, value in enumerate(levels):
        for tower, parts in outputs.items():
            result = value
            for index in range(4):
                name = f"head.{tower}{index}"
                result = graph.layer(
                    f"{name}.{level}", result, 256, 3, adder=adder, weight=name)
                result = graph.unary(f"{name}.relu.{level}", "relu", result)
            for part, filters in parts.items():
                graph.outputs.append(graph.layer(
                    f"head.{part}.{level}", result, filters, 3, adder=False, weight=f"head.{part}"))


FCOS_HEAD = {"cls": {"classes": 80}, "reg": {"box": 4, "centerness": 1}}
RETINANET_HEAD = {"cls": {"classes": 720}, "reg": {"box": 36}}


def detector(name, height, width, counts, outputs, adder_neck, residual_path=False,
             last_levels=2, adder_head=False, stride_in_3x3=True):
    graph = Graph(name, (3, height, width))
    stages = backbone(graph, counts, 4, stride_in_3x3, adder_stem=False)[1:]
    size = halved(halved([height, width]))
    sizes = []
    for _ in range(3):
        size = halved(size)
        sizes.append(size)
    levels = neck(graph, stages, sizes, adder_neck, residual_path, last_levels)
    head(graph, levels, outputs, adder_head)
    return graph


R50, R101 = (3, 4, 6, 3), (3, 4, 23, 3)


def graphs():
    yield lenet5(False)
    yield lenet5(True)
    yield cifar_resnet(20)
    yield cifar_resnet(32)
    yield imagenet_resnet(18, (2, 2, 2, 2), 1)
    yield imagenet_resnet(50, R50, 4)
    yield vgg_small()
    for name, counts in (("r50", R50), ("r101", R101)):
        yield detector(f"fcos-{name}-adder-backbone", 800, 1333, counts, FCOS_HEAD, False)
        yield detector(f"fcos-{name}-adder-backbone-neck", 800, 1333, counts, FCOS_HEAD, True)
    yield detector(
        "fcos-r50-adder-rpafpn", 800, 1333, R50, FCOS_HEAD, True, residual_path=True)
    yield detector("fcos-rt-adder-backbone-neck", 736, 512, R50, FCOS_HEAD, True, last_levels=0)
    yield detector(
        "retinanet-adder", 640, 640, R50, RETINANET_HEAD, True, adder_head=True)


def main():
    folder = pathlib.Path(
        sys.argv[1] if len(sys.argv) > 1 else
        pathlib.Path(__file__).resolve().parents[2] / "golden" / "graphs")
    for graph in graphs():
        (folder / f"{graph.name}.json").write_text(graph.text())


if __name__ == "__main__":
    main()
