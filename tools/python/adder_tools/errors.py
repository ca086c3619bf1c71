"""What can go wrong, in sentences."""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType


class AdderError(Exception):
    """A network, file or call that cannot be used, with what to do about it.

    Args:
        exit_code: what a command ends with, docs/cli.md; 65 is a malformed file.
    """

    def __init__(self, message: str, exit_code: int = 65) -> None:
        self.exit_code = exit_code
        super().__init__(message)


@dataclass(frozen=True)
class Finding:
    """One thing of a network that cannot be expressed."""

    #: The path of the module whose code does it, as in `named_modules()`; empty for the network.
    module: str
    #: The line of the network's source, `file.py:12`, or empty where it is not known.
    line: str
    #: What was found, and what to do.
    text: str

    def __str__(self) -> str:
        place = f"{self.module or 'the network'}"
        return f"{place} ({self.line}): {self.text}" if self.line else f"{place}: {self.text}"


class ExportError(AdderError):
    """A network that cannot be exported; `findings` has all reasons, in the order of the network."""

    def __init__(
        self, message: str, findings: tuple[Finding, ...] = (), exit_code: int | None = None
    ) -> None:
        self.findings = findings
        lines = [message, *(f"  {finding}" for finding in findings)]
        super().__init__("\n".join(lines), exit_code or (69 if findings else 65))


class AdderWarning(UserWarning):
    """Something that works, but is probably not what was meant."""


def require(module: str, extra: str) -> ModuleType:
    """Imports a package of an extra of this distribution.

    Raises: AdderError with the command that installs it, where it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = f"adder-tools[{extra}]" if extra else module
        raise AdderError(
            f"needs the package '{module}', which cannot be imported ({error}); "
            f"install it: pip install '{package}'", 69
        ) from error
