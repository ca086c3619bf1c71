"""Files as docs/cli.md promises them."""

import os
import tempfile
from pathlib import Path

from .errors import ExportError


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all.

    Raises: ExportError where it cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be written: {error.strerror}", exit_code=73) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        os.unlink(temporary)
        raise ExportError(
            f"{path}: cannot be written: {error.strerror}", exit_code=73) from error
