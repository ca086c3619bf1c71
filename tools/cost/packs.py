#!/usr/bin/env python3
"""Packs models and their inputs for firmware.c.

    tools/cost/packs.py FOLDER WORK [BYTES]

Writes WORK/N.pack with as many models of FOLDER as fit in so many bytes, if one alone is not
longer, and WORK/names: a line `NAME INDEX` for each operation, in the order in which they run. By
default packs fit a board's flash.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

from adb.format import decode  # noqa: E402

PACK_BYTES = 3 << 20


def packs(entries, most_bytes):
    """Lists of (model, input) of at most `most_bytes`, if one alone is not longer."""
    pack, size = [], 0
    for entry in entries:
        length = sum(map(len, entry)) + 40
        if pack and size + length > most_bytes:
            yield pack
            pack, size = [], 0
        pack.append(entry)
        size += length
    yield pack


def padded(data):
    return data + bytes(-len(data) % 16)


def main():
    folder, work = map(pathlib.Path, sys.argv[1:3])
    most_bytes = int(sys.argv[3]) if len(sys.argv) > 3 else PACK_BYTES
    paths = sorted(folder.glob("*.adb"))
    entries = [(path.read_bytes(), path.with_suffix(".input").read_bytes()) for path in paths]
    with open(work / "names", "w") as names:
        for path, (model, _) in zip(paths, entries):
            for index in range(len(decode(model).operations)):
                print(path.stem, index, file=names)
    for number, pack in enumerate(packs(entries, most_bytes)):
        sizes = [len(data) for entry in pack for data in entry]
        head = struct.pack(f"<{1 + len(sizes)}I", len(pack), *sizes)
        body = b"".join(padded(data) for entry in pack for data in entry)
        (work / f"{number:03}.pack").write_bytes(padded(head) + body)


if __name__ == "__main__":
    main()
