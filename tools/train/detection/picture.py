"""Puts pictures that `adderrun --draw` wrote on one page, for docs/detection.png."""

import argparse
from pathlib import Path

from PIL import Image

MARGIN = 8


def page(paths, columns):
    """Pictures of one size, row after row, on white."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    result = Image.new(
        "RGB", (columns * (width + MARGIN) + MARGIN, rows * (height + MARGIN) + MARGIN), "white")
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        result.paste(picture, (MARGIN + column * (width + MARGIN), MARGIN + row * (height + MARGIN)))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--columns", type=int, default=4)
    options = parser.parse_args()
    page(sorted(options.folder.glob("*.png"))[:options.count], options.columns).save(
        options.output, optimize=True)


if __name__ == "__main__":
    main()
