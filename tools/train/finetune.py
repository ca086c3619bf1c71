"""Trains the adder LeNet-5 once more on the integers that it is compiled to; prints accuracies of both."""

import argparse
import pathlib
import subprocess

import numpy as np
import torch

import fashion_mnist
from evaluate import correct_count, load_network  # also finds adder_tools
from train import train_epoch

from adder_tools import patch_grids
from adder_tools.library import find_program, json_report
from adder_tools.nn import AdaptiveRate, IntegerAwareness


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("checkpoint", help="written by train.py")
    parser.add_argument("output", type=pathlib.Path, help="a folder, for models and the tuned checkpoint")
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.005)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--shift", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)
    images, labels = fashion_mnist.load("train", options.data)
    test_images, test_labels = fashion_mnist.load("t10k", options.data)
    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("calibration", images[:512]), ("images", test_images), ("labels", test_labels)):
        np.save(folder / f"{name}.npy", array)

    def integers(checkpoint, name, *how):
        """Compiles a checkpoint, prints the accuracy, and gives the model's path."""
        model = folder / f"{name}-{options.bits}.adb"
        subprocess.run(
            [find_program("adderc"), "compile", checkpoint, "-o", model, "--bits", str(options.bits), "-q",
             "--mean", str(fashion_mnist.MEAN), "--std", str(fashion_mnist.STANDARD_DEVIATION), *how],
            check=True, stdout=subprocess.DEVNULL)
        found = json_report("adderrun", None, [
            str(model), str(folder / "images.npy"), "--labels", str(folder / "labels.npy")])
        print(f"{name}, {options.bits} bits: {found['top1']['right']} of {len(test_labels)} test images",
              flush=True)
        return model

    network = load_network(options.checkpoint)
    correct = correct_count(network, torch.tensor(test_images), test_labels)
    print(f"float network: {correct} of {len(test_labels)} test images", flush=True)
    model = integers(options.checkpoint, "calibrated", "--calibrate", folder / "calibration.npy")

    aware = IntegerAwareness(network, patch_grids(model))
    optimizer = AdaptiveRate(torch.optim.SGD(
        network.parameters(), lr=options.learning_rate, momentum=options.momentum, nesterov=True), network)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer.optimizer, options.epochs * (len(images) // options.batch))
    for epoch in range(1, options.epochs + 1):
        loss = train_epoch(
            network, torch.tensor(images), torch.tensor(labels).long(), optimizer, schedule, options,
            generator)
        print(f"epoch {epoch}  loss {loss:.4f}", flush=True)
    aware.remove()
    torch.save(network.state_dict(), folder / "tuned.pt")
    integers(folder / "tuned.pt", "tuned", "--scales-from", model)


if __name__ == "__main__":
    main()
