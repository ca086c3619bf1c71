"""`python -m adder_tools.onnx`."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from ..errors import AdderError

_USAGE = """\
python -m adder_tools.onnx MODEL.onnx -o NET.safetensors [options]
       python -m adder_tools.onnx --from MODEL.adb -o MODEL.onnx"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"adder_tools.onnx: {message}; see --help\n")


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def extents(text: str) -> tuple[str, list[int]]:
    name, _, size = text.rpartition("=")
    shape = [int(extent) for extent in size.split("x")]
    if len(shape) not in (1, 3) or min(shape) < 1:
        raise ValueError(text)
    return name, shape


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m adder_tools.onnx", usage=_USAGE,
        description="Turn an ONNX network into a checkpoint that adderc compile takes as it is, or show "
        "the structure of a compiled model as ONNX.",
        epilog="Exit codes are those of docs/cli.md. docs/onnx.md lists what is read.")
    parser.add_argument("model", nargs="?", metavar="MODEL.onnx", help="the ONNX network")
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the file to write")
    parser.add_argument(
        "--mean", action="append", type=numbers, metavar="A,B,C",
        help="per-channel mean of the training pixels, in 0...1; once for each input")
    parser.add_argument(
        "--std", action="append", type=numbers, metavar="A,B,C",
        help="per-channel standard deviation of the training pixels; once for each input")
    parser.add_argument(
        "--input-shape", action="append", type=extents, metavar="[NAME=]CxHxW",
        help="extents of an input in the place of those that the file leaves open")
    parser.add_argument("--name", help="the network's name; by default the file's")
    parser.add_argument(
        "--tolerance", type=float, default=1e-4, metavar="T",
        help="how far an output may be from the file's, of the largest (1e-4)")
    parser.add_argument(
        "--from", dest="compiled", metavar="MODEL.adb",
        help="write the structure of a compiled model, without weights")
    parser.add_argument(
        "--adderc", metavar="PROGRAM", help="adderc, which reads it; by default on the PATH")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if (given.model is None) == (given.compiled is None):
        parser.error("expected MODEL.onnx or --from MODEL.adb")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            text = _run(given)
        for warning in caught:
            if issubclass(warning.category, UserWarning):
                print(f"warning: {warning.message}", file=sys.stderr)
        print(text)
        return 0
    except AdderError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except MemoryError:
        print("error: the system does not give the memory that this takes", file=sys.stderr)
        return 71
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # A defect of ours: one line, as docs/cli.md has it.
        text = " ".join(f"{type(error).__name__}: {error}".split())[:400]
        print(f"error: internal error: {text}", file=sys.stderr)
        return 70


def _run(given: argparse.Namespace) -> str:
    from . import export_structure

    if given.compiled is not None:
        count = export_structure(given.compiled, given.output, adderc=given.adderc)
        return f"{given.output}: {count} operations, without weights"
    from . import import_onnx

    shapes: Any = None
    if given.input_shape:
        shapes = dict(given.input_shape)
        if "" in shapes:
            if len(given.input_shape) > 1:
                raise AdderError("--input-shape: several, expected NAME= before each", 64)
            shapes = shapes[""]
    statistics: dict[str, Any] = {}
    for key in ("mean", "std"):
        values = getattr(given, key)
        statistics[key] = values[0] if values and len(values) == 1 else values
    return str(import_onnx(
        given.model, given.output, **statistics, input_shapes=shapes, name=given.name,
        tolerance=given.tolerance))


if __name__ == "__main__":
    sys.exit(main())
