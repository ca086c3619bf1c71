# %% [markdown]
# # From a PyTorch module to firmware
#
# A small network for Fashion-MNIST: written, trained, compiled, looked at, trained once more on its
# integers, and run on a Cortex-M4 in QEMU. Run it cell by cell (Jupyter and editors know `# %%`), or as
# `python tools/python/walk.py` from anywhere; files go to `out/walk`. It needs `pip install
# ./tools/python`, `swift build -c release`, and tools/embedded/build once for this machine
# (docs/python.md). The bundled thousand images stand for a data set: 800 train, 200 are looked at, so
# that minutes become seconds and accuracies mean little.

# %%
import shutil
import subprocess
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import adder_tools
from adder_tools.library import find_program
from adder_tools.nn import Adder2d, AdaptiveRate, IntegerAwareness, filter_norm, fold

root = Path(__file__).resolve().parents[2] if "__file__" in globals() else Path.cwd()
folder = root / "out/walk"
folder.mkdir(parents=True, exist_ok=True)
images = np.load(root / "golden/images/fashion-test-1000-images.npy")
labels = np.load(root / "golden/images/fashion-test-1000-labels.npy").astype(np.int64)
MEAN, STD = 0.2860, 0.3530


def normalized(pixels):
    return (torch.from_numpy(pixels).float() / 255 - MEAN) / STD


def run(*command):
    """Runs a program of this checkout, and gives what it printed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout


# %% [markdown]
# ## A network
#
# First and last layer multiply, as in the networks of Chen et al.; `filter_norm` keeps mean and variance
# of each adder filter under learned scalars, which `fold` and the exporter take away again.


# %%
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.first, self.first_norm = Adder2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16)
        self.second, self.second_norm = Adder2d(16, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32)
        self.classes = nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(self.first_norm(self.first(x)))
        x = torch.relu(self.second_norm(self.second(x)))
        return self.classes(x.mean((2, 3)))


def train(network, epochs, rate):
    optimizer = AdaptiveRate(
        torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, nesterov=True), network)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.optimizer, epochs * 25)
    network.train()
    for _ in range(epochs):
        for chosen in torch.randperm(800).split(32):
            loss = F.cross_entropy(network(normalized(images[chosen])), torch.from_numpy(labels[chosen]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()


def accuracy(scores):
    return (np.asarray(scores).reshape(len(scores), -1).argmax(1) == labels[800:]).mean()


torch.manual_seed(1)
network = filter_norm(Network())
train(network, epochs=8, rate=0.1)
with torch.no_grad():
    print(f"float network: {accuracy(network(normalized(images[800:]))):.1%}")

# %% [markdown]
# ## Integers
#
# `export` writes weights, graph and normalization into one file; `adderc` makes integers of it.

# %%
fold(network)
print(adder_tools.export(
    network, normalized(images[:2]), folder / "net.safetensors", mean=[MEAN], std=[STD], name="walk"))
adderc = find_program("adderc")
np.save(folder / "calibration.npy", images[:256])
calibrated = ["--calibrate", folder / "calibration.npy"]
print(run(adderc, "compile", folder / "net.safetensors", "-o", folder / "net.adb", *calibrated))

# %%
model = adder_tools.Model(folder / "net.adb")
print(model, f"{accuracy(model(images[800:])):.1%}")
estimate = model.estimate("stm32f401", compare_cnn=True)["targets"][0]
cycles, twin = estimate["cycles"], estimate["cnn"][0]["cycles_ratio"]
print(f"{estimate['summary']}: {cycles['value']:,.0f} cycles ({cycles['low']:,.0f} to {cycles['high']:,.0f});"
      f" as a convolution network {twin['value']:.2f} times ({twin['low']:.2f} to {twin['high']:.2f})")

# %% [markdown]
# ## Fewer bits
#
# At 4 bits rounding is felt. Training goes on with adder layers that round as the compiled model does;
# `--scales-from` then takes that model's scales, and the factors that were trained.

# %%
run(adderc, "compile", folder / "net.safetensors", "-o", folder / "net4.adb", "--bits", 4, *calibrated)
rounded = adder_tools.Model(folder / "net4.adb")
print(f"4 bits: {accuracy(rounded(images[800:])):.1%}")

aware = IntegerAwareness(network, adder_tools.patch_grids(folder / "net4.adb"))
train(network, epochs=4, rate=0.01)
aware.remove()
adder_tools.export(
    network, normalized(images[:2]), folder / "tuned.safetensors", mean=[MEAN], std=[STD], name="walk")
run(adderc, "compile", folder / "tuned.safetensors", "-o", folder / "tuned4.adb", "--bits", 4,
    "--scales-from", folder / "net4.adb")
tuned = adder_tools.Model(folder / "tuned4.adb")
print(f"4 bits, trained on them: {accuracy(tuned(images[800:])):.1%}")

# %% [markdown]
# ## Firmware
#
# The model as C source with four images and their exact outputs, which firmware compares itself with,
# and a Cortex-M4 in QEMU that runs it.

# %%
np.save(folder / "images.npy", images[800:])
print(run(adderc, "emit-c", folder / "tuned4.adb", "-o", folder / "firmware", "--prefix", "model",
          "--vectors", folder / "images.npy"))
if shutil.which("qemu-system-arm"):
    print(run(root / "tools/embedded/run", "cortex-m4", folder / "tuned4.adb", folder / "images.npy"))
else:
    print("apt-get install qemu-system-arm, and tools/embedded/run cortex-m4 runs it on a core")
