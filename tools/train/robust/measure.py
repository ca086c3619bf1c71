"""Measures trained networks of all kinds: accuracy, of the float network and of compiled integers, on
clean and on adversarial images, and what batch norm sees."""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
import torchattacks

from network import KINDS, SmallNetwork, export  # first: it finds the other folders

import fashion_mnist
from adder_tools.nn import adder_layers, fold

ROOT = Path(__file__).resolve().parents[3]
EPSILONS = (2, 4, 8)  # of 255
PGD_STEPS = 20
CALIBRATION_COUNT = 256


def predictions(network, images, batch=500):
    """Classes of uint8 images, by the float network."""
    with torch.no_grad():
        return torch.cat([
            network(part.float() / 255).argmax(1) for part in torch.as_tensor(images).split(batch)])


class Integers:
    """The compiled network, run by adderrun."""

    def __init__(self, network, calibration, folder):
        self.folder = Path(folder)
        np.save(self.folder / "calibration.npy", calibration)
        export(network, self.folder / "network.safetensors")
        self.run("adderc", "compile", "network.safetensors", "-o", "network.adb",
                 "--calibrate", "calibration.npy", "--quiet")

    def run(self, program, *arguments):
        subprocess.run([ROOT / ".build/release" / program, *arguments], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def predictions(self, images):
        np.save(self.folder / "images.npy", images)
        self.run("adderrun", "network.adb", "images.npy", "-o", "scores.npy", "--quiet")
        scores = np.load(self.folder / "scores.npy")
        return torch.from_numpy(scores.reshape(len(images), -1).argmax(1))


def adversarial(network, images, labels, attack, batch=250):
    """uint8 images that differ by at most the attack's ε: its results, rounded to bytes.

    Adder layers train by gradients that are not their derivatives, which an attack need not respect: it
    is made twice, by these and by nearly the sign of x − f, the derivative.
    """
    results = []
    layers = adder_layers(network)
    for unit in (1.0, 0.01) if layers else (1.0,):
        for layer in layers:
            layer.unit = unit
        parts = []
        for part, goal in zip(torch.as_tensor(images).split(batch), labels.split(batch)):
            parts.append((attack(part.float() / 255, goal) * 255).round().to(torch.uint8))
        results.append(torch.cat(parts).numpy())
    for layer in layers:
        layer.unit = 1.0
    return results


def statistics(network, images):
    """Of each inner layer: the variance of its filters, and the mean over channels of its outputs' variance
    and of batch norm's running variance."""
    outputs, hooks = {}, []
    for index, layer in enumerate(network.layers):
        hooks.append(layer.register_forward_hook(
            lambda _, __, output, index=index: outputs.__setitem__(index, output)))
    with torch.no_grad():
        network(torch.as_tensor(images).float() / 255)
    for hook in hooks:
        hook.remove()
    result = []
    for index, (layer, norm) in enumerate(zip(network.layers, network.norms)):
        filters = getattr(layer, "adder", None)
        filters = layer.weight if filters is None else filters
        result.append({
            "filters": filters.detach().var().item(),
            "outputs": outputs[index].transpose(0, 1).flatten(1).var(1).mean().item(),
            "running": norm.running_var.mean().item(),
        })
    return result


def measure(path, test_images, test_labels, calibration, count):
    record = json.loads(path.with_suffix(".json").read_text())
    network = SmallNetwork(record["kind"])
    network.load_state_dict(torch.load(path))
    fold(network.eval())
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        integers = Integers(network, calibration, folder)

        def accuracies(versions, labels):
            """The share of images of which every version is classified correctly."""
            def share(predict):
                right = torch.stack([predict(images) == labels for images in versions])
                return right.all(0).float().mean().item()

            return {"float": share(lambda images: predictions(network, images)),
                    "integers": share(integers.predictions)}

        record["clean"] = accuracies([test_images], test_labels)
        images, labels = test_images[:count], test_labels[:count]
        record["attacked"] = {"count": count, "clean": accuracies([images], labels)}
        for epsilon in EPSILONS:
            for name, attack in (
                    ("fgsm", torchattacks.FGSM(network, eps=epsilon / 255)),
                    ("pgd", torchattacks.PGD(network, eps=epsilon / 255, alpha=epsilon / 255 / 4,
                                             steps=PGD_STEPS))):
                attacked = adversarial(network, images, labels, attack)
                assert all(np.abs(a.astype(int) - images).max() <= epsilon for a in attacked)
                record["attacked"][f"{name}-{epsilon}"] = accuracies(attacked, labels)
    record["layers"] = statistics(network, test_images[:500])
    return record


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("networks", type=Path, help="the folder that train.py wrote to")
    parser.add_argument("output", type=Path, help="a JSON file")
    parser.add_argument("--count", type=int, default=1000, help="images that are attacked")
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    options = parser.parse_args()
    train_images, _ = fashion_mnist.load("train", options.data)
    test_images, test_labels = fashion_mnist.load("t10k", options.data)
    test_labels = torch.from_numpy(test_labels.astype(np.int64))
    records = []
    for kind in KINDS:
        for path in sorted(options.networks.glob(f"{kind}-*.pt")):
            print(path.name, flush=True)
            records.append(measure(
                path, test_images, test_labels, train_images[:CALIBRATION_COUNT], options.count))
    options.output.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
