"""Writes what adderc takes of a checkpoint of train.py: weights, graph,
normalization and what its outputs are, in one file."""

import argparse

import torch

from network import load  # also finds adder_tools

import adder_tools


def export(network, architecture, path):
    """Exports a network; returns what adder_tools.export says of it."""
    generator = torch.Generator().manual_seed(0)
    example = torch.randn(1, architecture.channels, *architecture.canvas, generator=generator)
    return adder_tools.export(
        network.eval(), example, path, mean=[architecture.mean] * architecture.channels,
        std=[architecture.deviation] * architecture.channels, detection=architecture.detection,
        # In single precision, sums of hundreds of differences before a batch norm of small deviation have
        # 10⁻⁴ of error; the exporter compares with doubles.
        tolerance=1e-3)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output", help="a .safetensors file")
    options = parser.parse_args()
    print(export(*load(options.checkpoint), options.output))


if __name__ == "__main__":
    main()
