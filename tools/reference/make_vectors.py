#!/usr/bin/env python3
"""Writes the golden vectors: the same bytes every time."""

import argparse
import pathlib

from vectors.container import container_bytes
from vectors.copy_cases import concat_cases, flatten_cases, pad_cases, upsample_nearest_cases
from vectors.element_cases import add_cases, requantize_cases
from vectors.graph_cases import network_cases, random_cases
from vectors.layers import adder2d_cases, conv2d_cases
from vectors.pool_cases import average_pool_cases, max_pool_cases

FILES = {
    "adder2d": adder2d_cases, "conv2d": conv2d_cases, "requantize": requantize_cases,
    "add": add_cases, "maxPool": max_pool_cases, "averagePool": average_pool_cases,
    "concat": concat_cases, "upsampleNearest": upsample_nearest_cases, "pad": pad_cases,
    "flatten": flatten_cases, "network": network_cases, "random": random_cases,
}
DEFAULT_FOLDER = pathlib.Path(__file__).resolve().parents[2] / "golden" / "vectors"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=pathlib.Path, default=DEFAULT_FOLDER,
        help="where to write (default: golden/vectors)")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, cases in FILES.items():
        made = list(cases())
        data = container_bytes(made)
        (folder / f"{name}.vectors").write_bytes(data)
        total += len(data)
        print(f"{name}.vectors: {len(made)} cases, {len(data)} bytes")
    print(f"{total} bytes in all")


if __name__ == "__main__":
    main()
