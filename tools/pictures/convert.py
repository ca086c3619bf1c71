"""Converts pictures to a uint8 .npy of shape [N, C, H, W], and folder names to labels.

The pictures of a folder are those of its tree, in the order of their paths. Pixels stay as they are
but for --size and --gray: no normalization, which a compiled model does itself.
"""

import argparse
import os
import pathlib
import sys
import tempfile

import numpy as np
from PIL import Image, ImageOps

# Exit codes of docs/cli.md.
USAGE, MALFORMED, UNREADABLE, CANNOT_CREATE = 64, 65, 66, 73
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp"}
MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"}


class Failure(Exception):
    """Findings, a line each, and the exit code they give."""

    def __init__(self, code, *messages):
        super().__init__(*messages)
        self.code, self.messages = code, messages


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(USAGE, f"{message}; see --help")


def size(text):
    extents = text.split("x")
    if len(extents) == 1:
        extents *= 2
    if len(extents) != 2 or not all(e.isdecimal() and 1 <= int(e) <= 65535 for e in extents):
        raise argparse.ArgumentTypeError(f"'{text}', expected HxW such as 32x32, or one number")
    return int(extents[0]), int(extents[1])


def find(inputs):
    """(file, class or None) of every picture; the class is the folder directly below an input."""
    found, skipped, missing = [], [], []
    for path in map(pathlib.Path, inputs):
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if p.is_file())
            pictures = [p for p in files if p.suffix.lower() in SUFFIXES]
            skipped += [p for p in files if p.suffix.lower() not in SUFFIXES]
            if not pictures:
                missing.append(f"{path}: holds no picture ({', '.join(sorted(SUFFIXES))})")
            for picture in pictures:
                parts = picture.relative_to(path).parts
                found.append((picture, parts[0] if len(parts) > 1 else None))
        elif path.exists():
            found.append((path, None))
        else:
            missing.append(f"{path}: no such file or folder")
    if missing:
        raise Failure(UNREADABLE, *missing)
    return found, skipped


def read(path, options, notes):
    """The picture's pixels, [C, H, W]."""
    try:
        with Image.open(path) as picture:
            if getattr(picture, "n_frames", 1) > 1:
                raise Failure(
                    MALFORMED, f"{path}: {picture.n_frames} frames, expected one; save one of them")
            if picture.mode not in MODES:
                raise Failure(
                    MALFORMED,
                    f"{path}: mode {picture.mode}, expected 8 bits a channel; save it so, scaled as "
                    "in training")
            picture.load()
            picture = ImageOps.exif_transpose(picture)
    except Failure:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Failure(MALFORMED, f"{path}: cannot be read as a picture: {error}") from None
    if picture.has_transparency_data:
        alpha = picture.convert("RGBA").getchannel("A")
        if alpha.getextrema()[0] < 255:
            raise Failure(
                MALFORMED,
                f"{path}: is transparent in part, expected an opaque picture; save it without alpha")
    is_gray = picture.mode in ("1", "L", "LA")
    notes["gray"] += is_gray and not options.gray
    notes["colour"] += options.gray and not is_gray
    picture = picture.convert("L" if options.gray else "RGB")
    if options.size:
        height, width = options.size
        if abs(picture.width * height / (picture.height * width) - 1) > 0.02:
            notes["stretched"] += 1
        if (picture.height, picture.width) != options.size:
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(picture, np.uint8)
    return pixels[None] if options.gray else pixels.transpose(2, 0, 1)


def labelled(found, option):
    """Class names in the order of PyTorch's ImageFolder, and the label of each picture."""
    loose = [path for path, name in found if name is None]
    if loose:
        raise Failure(
            USAGE,
            f"{option}: {loose[0]} is in no folder of a class; give the folder that holds one folder "
            "for each class")
    names = sorted({name for _, name in found})
    return names, np.array([names.index(name) for _, name in found], np.int64)


def write(path, save):
    """Writes a file whole or not at all."""
    try:
        path = pathlib.Path(path)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                save(file)
                file.close()
                mask = os.umask(0)
                os.umask(mask)
                os.chmod(file.name, 0o666 & ~mask)
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{path}: cannot be created: {error.strerror}") from None


def convert(arguments):
    parser = Parser(prog="tools/images", description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("-o", "--output", required=True, metavar="IMAGES.npy")
    parser.add_argument(
        "--size", type=size, metavar="HxW",
        help="resize every picture, bilinearly and without keeping its aspect")
    parser.add_argument("--gray", action="store_true", help="one channel instead of R, G and B")
    parser.add_argument(
        "--labels", metavar="LABELS.npy",
        help="write the class of each picture, int64 [N]: the place of its folder's name among those "
        "of all classes, in the order of PyTorch's ImageFolder")
    parser.add_argument(
        "--classes", metavar="NAMES.txt",
        help="write the folders' names, a line each, for adderc compile --class-names")
    options = parser.parse_args(arguments)
    for name in (options.output, options.labels):
        if name and not name.endswith(".npy"):
            raise Failure(USAGE, f"{name}: expected a name that ends in .npy")

    found, skipped = find(options.inputs)
    names, labels = [], None
    if options.labels or options.classes:
        names, labels = labelled(found, "--labels" if options.labels else "--classes")
    notes = {"gray": 0, "colour": 0, "stretched": 0}
    images, findings = [], []
    for path, _ in found:
        try:
            images.append(read(path, options, notes))
        except Failure as failure:
            findings += failure.messages
            continue
        if images[-1].shape != images[0].shape:
            _, height, width = images[-1].shape
            findings.append(
                f"{path}: {height}x{width} pixels, expected {images[0].shape[1]}x{images[0].shape[2]} "
                f"as in {found[0][0]}; give --size HxW")
    if findings:
        more = [f"and {len(findings) - 20} more findings"] if len(findings) > 20 else []
        raise Failure(MALFORMED, *findings[:20], *more)

    array = np.stack(images)
    write(options.output, lambda file: np.save(file, array))
    print(f"{options.output}: uint8 {list(array.shape)}")
    if options.labels:
        write(options.labels, lambda file: np.save(file, labels))
        print(f"{options.labels}: int64 {list(labels.shape)}, "
              + ", ".join(f"{i} {name}" for i, name in enumerate(names)))
    if options.classes:
        write(options.classes, lambda file: file.write("".join(n + "\n" for n in names).encode()))
        print(f"{options.classes}: {len(names)} names")
    if skipped:
        note(f"{len(skipped)} files are no pictures by their names, such as {skipped[0]}")
    if notes["gray"]:
        note(f"{notes['gray']} gray pictures got three equal channels; give --gray for one")
    if notes["colour"]:
        note(f"{notes['colour']} colour pictures became gray")
    if notes["stretched"]:
        note(f"{notes['stretched']} pictures had another aspect than --size and were stretched")


def note(text):
    print(f"tools/images: note: {text}", file=sys.stderr)


def main():
    try:
        convert(sys.argv[1:])
    except Failure as failure:
        for message in failure.messages:
            print(f"tools/images: {message}", file=sys.stderr)
        sys.exit(failure.code)


if __name__ == "__main__":
    main()
