"""What the tests share: programs of the checkout, images, and calls of both."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parents[3]
IMAGES = ROOT / "golden/images/fashion-calibration-256.npy"
MEAN, STD = [0.286, 0.27, 0.3], [0.353, 0.34, 0.36]


def program(name: str) -> str:
    """A program of this checkout."""
    path = ROOT / ".build/release" / name
    assert path.is_file(), f"swift build -c release --product {name}"
    return str(path)


@pytest.fixture(scope="session")
def pixels() -> np.ndarray[Any, Any]:
    """192 real images, 32×32, with three channels that differ."""
    images = np.pad(np.load(IMAGES), ((0, 0), (0, 0), (2, 2), (2, 2)))[:192]
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
