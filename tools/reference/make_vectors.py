#!/usr/bin/env python3
"""Writes the golden vectors: the same bytes every time."""

import argparse
import pathlib

from adb.operations import OPERATIONS
from vectors.cases import CASES
from vectors.container import container_bytes
from vectors.detection_cases import detection_cases
from vectors.graph_cases import network_cases, random_cases

FILES = {kind.name: module.cases for kind, module in zip(OPERATIONS.values(), CASES)}
FILES.update(network=network_cases, random=random_cases)
FILES_OF_BOXES = {"detection": detection_cases}
DEFAULT_FOLDER = pathlib.Path(__file__).resolve().parents[2] / "golden" / "vectors"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=pathlib.Path, default=DEFAULT_FOLDER,
        help="where to write (default: golden/vectors)")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, cases in (FILES | FILES_OF_BOXES).items():
        made = list(cases())
        data = container_bytes(made)
        (folder / f"{name}.vectors").write_bytes(data)
        total += len(data)
        print(f"{name}.vectors: {len(made)} cases, {len(data)} bytes")
    print(f"{total} bytes in all")


if __name__ == "__main__":
    main()
