"""Compiled models in Python: the bytes of adderrun, and what a wrong call says."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import pytest
from conftest import ROOT, program

CHECKPOINT = ROOT / "golden/models/fashion-lenet5.pt"
IMAGES = np.load(ROOT / "golden/images/fashion-test-1000-images.npy")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "lenet5.adb"
    subprocess.run(
        [program("adderc"), "compile", CHECKPOINT, "-o", path, "-q", "--mean", ".2860", "--std",
         ".3530"], check=True, capture_output=True)
    return path


@pytest.fixture
def model(compiled: Path) -> adder_tools.Model:
    return adder_tools.Model(compiled)


def test_bytes_of_adderrun(
    model: adder_tools.Model, compiled: Path, adderrun: Callable[..., Any]
) -> None:
    expected = adderrun(compiled, [("image", IMAGES)])
    results = model(IMAGES)
    assert (results.dtype, results.shape) == (np.int32, (1000, 10))
    assert results.tobytes() == expected.tobytes()
    assert model(IMAGES[:3, 0]).tobytes() == expected[:3].tobytes()
    assert model(IMAGES[:0]).shape == (0, 10)


def test_real_numbers_are_scores(model: adder_tools.Model) -> None:
    labels = np.load(ROOT / "golden/images/fashion-test-1000-labels.npy")
    (scores,) = model.real(IMAGES)
    assert scores.shape == (1000, 10, 1, 1)
    assert np.mean(scores.reshape(1000, 10).argmax(1) == labels) > 0.9
    (tensor,) = model.outputs
    assert np.allclose(
        scores.reshape(1000, 10), (model(IMAGES) - tensor.zero_point) * tensor.scale)


def test_layers_are_those_of_adderrun(
    model: adder_tools.Model, compiled: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "image.npy", IMAGES[5:6])
    subprocess.run(
        [program("adderrun"), compiled, tmp_path / "image.npy", "-q", "--dump-layers",
         tmp_path / "layers"], check=True, capture_output=True)
    layers = model.layers(IMAGES[4:7])
    files = sorted((tmp_path / "layers").iterdir())
    assert len(files) == len(layers) == 7
    for (name, values), file in zip(layers.items(), files, strict=True):
        assert file.name[4:-4] == name
        dumped = np.load(file)
        assert values.dtype == dumped.dtype
        assert np.array_equal(values[1], dumped), name


def test_estimates(model: adder_tools.Model) -> None:
    report = model.estimate("stm32f401", compare_cnn=True)
    assert report["schema"] == "adder-estimate-1"
    assert report["targets"][0]["name"] == "stm32f401"
    with pytest.raises(adder_tools.AdderError, match="unknown target 'nope', expected paper-fp32"):
        model.estimate("nope")
    with pytest.raises(adder_tools.AdderError, match="cannot be run"):
        model.estimate("stm32f401", adderc="/nowhere/adderc")


@pytest.mark.parametrize(
    ("images", "text"),
    [
        (IMAGES[:2] / 255, r"\(images \* 255\).round\(\).astype\('uint8'\)"),
        (IMAGES[:2].astype(np.int64), r"int64, expected uint8 \[N, 1, 28, 28\]"),
        (IMAGES[:2].reshape(2, 28, 28, 1), r"expected uint8 \[N, 1, 28, 28\]"),
        (IMAGES[0, 0], r"images of \[28, 28\]"),
    ],
)
def test_wrong_images(model: adder_tools.Model, images: Any, text: str) -> None:
    with pytest.raises(adder_tools.AdderError, match=text):
        model(images)


def test_wrong_calls(model: adder_tools.Model, compiled: Path, tmp_path: Path) -> None:
    with pytest.raises(adder_tools.AdderError, match="2 arrays of images, expected one for each"):
        model(IMAGES[:1], IMAGES[:1])
    with pytest.raises(adder_tools.AdderError, match="no such file, named by library="):
        adder_tools.Model(compiled, library=tmp_path / "libadder.so")
    (tmp_path / "libadder.so").write_bytes(b"no library")
    with pytest.raises(adder_tools.AdderError, match="not the runtime's shared library"):
        adder_tools.Model(compiled, library=tmp_path / "libadder.so")


def test_damaged_files(compiled: Path, tmp_path: Path) -> None:
    data = compiled.read_bytes()
    damaged = tmp_path / "damaged.adb"
    for changed, text in (
        (b"", "ends inside a field"),
        (data[:500], "ends inside a field|byte count|damaged"),
        (b"PK" + data[2:], "not a model file"),
        (data[:-1] + bytes([data[-1] ^ 1]), "damaged"),
    ):
        damaged.write_bytes(changed)
        with pytest.raises(adder_tools.AdderError, match=text):
            adder_tools.Model(damaged)
    with pytest.raises(adder_tools.AdderError, match="cannot be read: No such file"):
        adder_tools.Model(tmp_path / "none.adb")


@pytest.mark.parametrize(
    ("kind", "correct"), [("convolution", 905), ("adder", 895), ("normalized", 895), ("distilled", 900)])
def test_bundled_networks_of_four_kinds(kind: str, correct: int, tmp_path: Path) -> None:
    path = tmp_path / "net.adb"
    subprocess.run(
        [program("adderc"), "compile", ROOT / f"golden/models/small-{kind}.safetensors", "-o", path,
         "-q", "--calibrate", ROOT / "golden/images/fashion-calibration-256.npy"],
        check=True, capture_output=True)
    labels = np.load(ROOT / "golden/images/fashion-test-1000-labels.npy")
    assert np.sum(adder_tools.Model(path)(IMAGES).argmax(1) == labels) >= correct
