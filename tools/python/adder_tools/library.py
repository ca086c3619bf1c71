"""The runtime's C library, `adder.h`, for Python, and where it and the programs are."""

import ctypes
import functools
import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .errors import AdderError

ELEMENT_TYPES = {1: "uint8", 2: "int16", 3: "int32"}

#: Called behind each operation: context, index, opcode.
OBSERVER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32)


class CTensor(ctypes.Structure):
    """`adder_tensor`."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("byte_count", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("channels", ctypes.c_uint32),
        ("element_type", ctypes.c_uint32),
        ("zero_point", ctypes.c_int32),
        ("scale", ctypes.c_float),
    ]


#: Statuses that a model file can give; docs/adb-format.md has all reasons.
STATUSES = {
    1: "the model ends inside a field",
    3: "not a model file",
    4: "a model file of another version; compile it again with this version's adderc",
    5: "the byte count is not the model's",
    6: "the model file was damaged",
    49: "an operation that the library was built without; build it without --model",
    67: "the model has no detection; compile a detector: adder_tools.export(…, detection=…) or "
        "adderc compile --detection",
}


def check(status: int, file: str) -> None:
    """Raises AdderError for an `adder_status` other than ADDER_OK."""
    if status != 0:
        reason = STATUSES.get(
            status, f"an invalid model, reason {status} of docs/adb-format.md")
        raise AdderError(f"{file}: {reason}")


def find_library(path: str | os.PathLike[str] | None) -> Path:
    """libadder.so: the given one, $ADDER_LIBRARY, or that of the checkout this package lies in."""
    machine = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    core = f"linux-{machine}"
    if path is not None or "ADDER_LIBRARY" in os.environ:
        named = Path(path if path is not None else os.environ["ADDER_LIBRARY"])
        if not named.is_file():
            where = "library=" if path is not None else "$ADDER_LIBRARY"
            raise AdderError(
                f"{named}: no such file, named by {where}; tools/embedded/build {core} makes "
                f"out/embedded/{core}/libadder.so")
        return named
    built = _of_checkout(f"out/embedded/{core}/libadder.so")
    if built is None:
        raise AdderError(
            f"libadder.so not found; run 'tools/embedded/build {core}' in Adder's folder, and name "
            f"out/embedded/{core}/libadder.so by library= or in the environment as ADDER_LIBRARY")
    return built


def find_program(name: str, path: str | os.PathLike[str] | None = None) -> str:
    """A program of Adder: the given one, $ADDERC and the like, on the PATH, or of the checkout."""
    variable = name.upper()
    if path is not None or variable in os.environ:
        return os.fspath(path) if path is not None else os.environ[variable]
    found = shutil.which(name) or _of_checkout(f".build/release/{name}")
    if found is None:
        raise AdderError(
            f"{name} not found; run 'swift build -c release --product {name}' in Adder's folder, "
            f"and put .build/release on the PATH, or name it in the environment as {variable}", 69)
    return str(found)


def json_report(
    name: str, program: str | os.PathLike[str] | None, arguments: list[str]
) -> dict[str, Any]:
    """What a program of Adder says with `--json`.

    Raises: AdderError with the program's own message where it fails.
    """
    command = find_program(name, program)
    try:
        done = subprocess.run(
            [command, *arguments, "--json"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise AdderError(f"{command}: cannot be run: {error.strerror}", 66) from None
    if done.returncode != 0:
        raise AdderError(
            done.stderr.strip() or f"{name}: exit code {done.returncode}",
            done.returncode if done.returncode > 0 else 70)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def _of_checkout(relative: str) -> Path | None:
    for folder in Path(__file__).resolve().parents:
        if (folder / "Package.swift").is_file():
            return folder / relative if (folder / relative).is_file() else None
    return None


@functools.cache
def load(path: Path) -> ctypes.CDLL:
    """Loads the library and says what its functions take.

    Raises: AdderError where the file is no such library.
    """
    try:
        library = ctypes.CDLL(str(path.resolve()))
        pointer, number, out = ctypes.c_void_p, ctypes.c_uint32, ctypes.POINTER
        for name, arguments in (
            ("adder_get_arena_byte_count", [pointer, number, out(number)]),
            ("adder_init", [pointer, number, pointer, number, out(pointer)]),
            ("adder_get_input", [pointer, number, out(CTensor)]),
            ("adder_get_output", [pointer, number, out(CTensor)]),
            ("adder_run", [pointer]),
            ("adder_run_observed", [pointer, OBSERVER, pointer]),
        ):
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, ctypes.c_int32
    except (OSError, AttributeError) as error:
        text = re.sub(r"\s+", " ", str(error))
        raise AdderError(
            f"{path}: not the runtime's shared library ({text}); tools/embedded/build makes "
            "libadder.so for this machine") from None
    return library
