"""Trains a detector, or its twin of convolutions; prints one line an epoch."""

import argparse
import copy
import math
import time

import torch
from torch import nn

from data import load_pictures, on_canvas
from evaluate import coco_metrics, detections, float_outputs, show
from losses import detection_loss
from network import ARCHITECTURES, KINDS, Detector, load, save
from targets import Locations, assign
from transforms import Views, view

from adder_tools.nn import AdaptiveRate, adder_layers

VIEWS = {"cells": Views(turns=True), "scenes": Views(turns=False, scale=1.15, shift=0.1)}
WARM_UP = 0.02  # share of the training in which rates rise
AVERAGE = 0.999  # decay of the mean of weights that is kept
STATISTICS_BATCHES = 64  # of training views, that its batch norm is measured on


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("architecture", choices=ARCHITECTURES)
    parser.add_argument("annotations", help="of the training pictures, a COCO JSON file")
    parser.add_argument("images", help="a folder of pictures, or an .npy file")
    parser.add_argument("--output", required=True, help="checkpoint, written now and then and at the end")
    parser.add_argument("--kind", choices=KINDS, default="adder")
    parser.add_argument("--start", help="checkpoint to go on from, in place of random weights")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--epochs", type=float)
    length.add_argument("--minutes", type=float, help="ends after so much time; not repeatable")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=0.02)
    parser.add_argument("--adder-rate", type=float, default=0.05,
                        help="learning rate of adder layers' filters, whose gradients are scaled")
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--validate", nargs=2, metavar=("ANNOTATIONS", "IMAGES"),
                        help="pictures to measure on; they choose nothing")
    parser.add_argument("--validations", type=int, default=8, help="how often, the last time at the end")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


class Progress:
    """From 0 to 1 over the epochs or the minutes of a training."""

    def __init__(self, options, steps_per_epoch):
        self.started, self.steps = time.monotonic(), 0
        self.minutes = options.minutes
        self.total = None if options.epochs is None else max(1, round(options.epochs * steps_per_epoch))

    def __call__(self):
        if self.total is not None:
            return self.steps / self.total
        return min(1.0, (time.monotonic() - self.started) / 60 / self.minutes)


class WeightAverage:
    """An exponential mean of a network's parameters, that of all so far at first.

    Its batch norm statistics are its own: those of the networks it is the mean of are of larger sums,
    since |x − w| of a mean filter is at most the mean of |x − w|. With theirs, a detector whose filters still
    move finds next to nothing.
    """

    def __init__(self, network):
        self.network, self.steps = copy.deepcopy(network).eval(), 0

    def update(self, network):
        self.steps += 1
        rest = 1 - min(AVERAGE, self.steps / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.network.parameters(), network.parameters()):
                mean.lerp_(value, rest)

    def measure(self, batches):
        """Takes the statistics of batch norm from batches of images, as Izmailov et al., "Averaging Weights
        Leads to Wider Optima and Better Generalization" (UAI 2018)."""
        norms = [module for module in self.network.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean of all batches
        self.network.train()
        with torch.no_grad():
            for images in batches:
                self.network(images)
        self.network.eval()


def make_optimizer(network, options):
    """SGD: adder filters with a rate of their own, and weight decay for filters alone."""
    adders = [module.adder for module in adder_layers(network)]
    known = {id(parameter) for parameter in adders}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in known]
    groups = [
        {"params": adders, "lr": options.adder_rate},
        {"params": [p for p in rest if p.dim() > 1], "lr": options.learning_rate},
        {"params": [p for p in rest if p.dim() <= 1], "lr": options.learning_rate, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    for group in groups:
        group["peak"] = group["lr"]
    optimizer = torch.optim.SGD(
        groups, lr=options.learning_rate, momentum=options.momentum,
        weight_decay=options.weight_decay, nesterov=True)
    return AdaptiveRate(optimizer, network), rest


def set_rates(optimizer, progress):
    """A line up in the first part, then down to 0 along a cosine."""
    factor = min(1.0, progress / WARM_UP + 0.02) * (1 + math.cos(math.pi * progress)) / 2
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)
    architecture = ARCHITECTURES[options.architecture]
    factor = 1 if options.images.endswith(".npy") else 2
    pictures = load_pictures(options.annotations, options.images, architecture, factor)
    validation = options.validate and load_pictures(*options.validate, architecture)
    views, locations = VIEWS[options.architecture], Locations.of(architecture)

    network = Detector(architecture, options.kind)
    if options.start:
        started, started_architecture = load(options.start)
        if started_architecture != architecture or started.kind != options.kind:
            raise SystemExit(
                f"{options.start}: another architecture or kind, expected {options.architecture} of "
                f"kind {options.kind}")
        network.load_state_dict(started.state_dict())
    average = WeightAverage(network)
    optimizer, rest = make_optimizer(network, options)
    steps_per_epoch = len(pictures.ids) // options.batch
    progress, epoch, validated = Progress(options, steps_per_epoch), 0, 0

    def some_views():
        """The same ones each time, so that validations change nothing."""
        views_generator = torch.Generator().manual_seed(options.seed)
        for _ in range(STATISTICS_BATCHES):
            chosen = torch.randperm(len(pictures.ids), generator=views_generator)[:options.batch]
            yield view(pictures, chosen, architecture, views, views_generator)[0]

    def validate():
        average.measure(some_views())
        save(options.output, average.network, options.architecture, options.kind)
        if validation:
            outputs = float_outputs(average.network, architecture, on_canvas(validation, architecture))
            show("validate", coco_metrics(
                options.validate[0], detections(outputs, architecture, validation)))

    while progress() < 1:
        epoch += 1
        started, total, count = time.monotonic(), 0.0, 0
        network.train()
        order = torch.randperm(len(pictures.ids), generator=generator)
        for chosen in order.split(options.batch)[:steps_per_epoch]:
            if progress() >= 1:
                break
            set_rates(optimizer, progress())
            images, boxes, labels = view(pictures, chosen, architecture, views, generator)
            loss = detection_loss(network(images), assign(boxes, labels, locations))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rest, 10.0)
            optimizer.step()
            average.update(network)
            progress.steps += 1
            total, count = total + loss.item(), count + 1
        print(f"epoch {epoch:4}  loss {total / max(1, count):.4f}  {time.monotonic() - started:.1f} s",
              flush=True)
        if progress() * options.validations >= validated + 1 and progress() < 1:
            validated += 1
            validate()
    validate()


if __name__ == "__main__":
    main()
