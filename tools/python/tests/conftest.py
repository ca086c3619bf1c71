"""What the tests share: programs of the checkout, images, and calls of both."""

import os
import subprocess
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

ROOT = Path(os.environ.get("ADDER_ROOT") or Path(__file__).resolve().parents[3])
IMAGES = ROOT / "golden/images/fashion-calibration-256.npy"
# Zero padding of the network is a byte of the images where the mean is one; else it is rounded.
MEAN, STD = [73 / 255, 69 / 255, 77 / 255], [0.353, 0.34, 0.36]


def program(name: str) -> str:
    """adderc or adderrun: $ADDERC, $ADDERRUN, or that of this checkout."""
    path = Path(os.environ.get(name.upper()) or ROOT / ".build/release" / name)
    assert path.is_file(), f"{path} is not there: swift build -c release --product {name}"
    return str(path)


@pytest.fixture(scope="session")
def pixels() -> np.ndarray[Any, Any]:
    """96 real images, 32×32, of several contrasts, a third of them negatives, in colour."""
    images = np.pad(np.load(IMAGES), ((0, 0), (0, 0), (2, 2), (2, 2)))[:96]
    images[::3] = 255 - images[::3]
    images = images // (1 + np.arange(96) % 4).reshape(-1, 1, 1, 1).astype(np.uint8)
    return np.concatenate([images, images[:, :, ::-1], 255 - images], axis=1)


@pytest.fixture(scope="session")
def normalized(pixels: np.ndarray[Any, Any]) -> Tensor:
    """`pixels` as networks see them."""
    scaled = torch.from_numpy(pixels.copy()).float() / 255
    return (scaled - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


@pytest.fixture
def adderc(tmp_path: Path) -> Callable[..., str]:
    """Runs adderc, which has to succeed, and gives what it prints."""

    def run(*arguments: Any) -> str:
        done = subprocess.run(
            [program("adderc"), *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def adderrun(tmp_path: Path) -> Callable[..., np.ndarray[Any, Any]]:
    """Runs adderrun on images of each input, and gives the integers."""

    def run(model: Path, inputs: Sequence[tuple[str, np.ndarray[Any, Any]]]) -> Any:
        command = [program("adderrun"), str(model), "-q", "-o", str(tmp_path / "outputs.npy")]
        for name, images in inputs:
            np.save(tmp_path / f"{name}.npy", images)
            command += ["--input", f"{name}={tmp_path / name}.npy"]
        subprocess.run(command, check=True, capture_output=True)
        return np.load(tmp_path / "outputs.npy")

    return run


#: Debian's PyTorch 1.13, without torch.export and parametrized weight norm.
OLD_TORCH = not hasattr(torch, "export")

# Without the extra `onnx`, or with a PyTorch older than 2.4.
collect_ignore_glob = [] if find_spec("onnx") and hasattr(torch.library, "custom_op") else [
    "test_onnx*.py"]
