"""The walk from a module to firmware, run as its readers do."""

import re
import shutil
import subprocess
import sys

from conftest import ROOT


def test_walks_from_a_module_to_firmware() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/python/walk.py")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    accuracies = [float(text) for text in re.findall(r"([0-9.]+)%", done.stdout.replace(" %", ""))]
    # Float, 8 bits, 4 bits and 4 bits trained on, of ten classes.
    assert len(accuracies) == 4 and min(accuracies) > 50, done.stdout
    assert "cycles" in done.stdout
    if shutil.which("qemu-system-arm"):
        assert "4 of 4 images give the expected bytes" in done.stdout
