"""Trains the network of one kind and seed on Fashion-MNIST; writes a checkpoint and what was seen."""

import argparse
import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from network import KINDS, SmallNetwork  # first: it finds the other folders

import fashion_mnist
from adder_tools.nn import AdaptiveRate, KernelDistillation, soft_target_loss
from augment import augment

# Running statistics are looked at so often in the last quarter of training.
SNAPSHOTS = 20
TEMPERATURE, SOFT, KERNEL = 4.0, 0.5, 1.0


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("output", type=Path, help="a folder, for KIND-SEED.pt and .json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def drift(snapshots):
    """How far running statistics move between two looks: the mean over channels and looks of
    |Δ mean| / √variance and of |Δ variance| / variance, for each batch norm."""
    result = []
    for looks in zip(*snapshots):
        means = torch.stack([mean for mean, _ in looks])
        variances = torch.stack([variance for _, variance in looks])
        result.append({
            "mean": ((means[1:] - means[:-1]).abs() / variances[1:].sqrt()).mean().item(),
            "variance": ((variances[1:] - variances[:-1]).abs() / variances[1:]).mean().item(),
        })
    return result


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)
    images, labels = map(torch.tensor, fashion_mnist.load("train", options.data))
    labels = labels.long()
    network = SmallNetwork(options.kind)

    parameters, teacher, distillation = list(network.parameters()), None, None
    if options.kind == "distilled":
        teacher = SmallNetwork("convolution")
        path = options.output / f"convolution-{options.seed}.pt"
        if not path.exists():
            sys.exit(f"{path}: the teacher of this seed; train it first, as kind 'convolution'")
        teacher.load_state_dict(torch.load(path))
        teacher.eval()
        distillation = KernelDistillation(
            network, teacher, [(f"layers.{i}", f"layers.{i}") for i in range(4)],
            images[:2].float() / 255)
        parameters += distillation.parameters()

    optimizer = AdaptiveRate(torch.optim.SGD(
        parameters, lr=options.learning_rate, momentum=0.9, weight_decay=5e-4, nesterov=True), network)
    batches = len(images) // 128
    count = options.epochs * batches
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.optimizer, count)
    look_from, look_every = count - count // 4, max(1, count // 4 // SNAPSHOTS)
    snapshots, step, started = [], 0, time.monotonic()
    for epoch in range(1, options.epochs + 1):
        network.train()
        total = 0.0
        for chosen in torch.randperm(len(images), generator=generator).split(128)[:batches]:
            batch = augment(images[chosen], 1, generator).float() / 255
            logits = network(batch)
            loss = F.cross_entropy(logits, labels[chosen])
            total += loss.item()
            if teacher is not None:
                with torch.no_grad():
                    goal = teacher(batch)
                loss = loss + SOFT * soft_target_loss(logits, goal, TEMPERATURE) + KERNEL * distillation()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            if step >= look_from and (step - look_from) % look_every == 0:
                snapshots.append([
                    (norm.running_mean.clone(), norm.running_var.clone()) for norm in network.norms])
        print(f"{options.kind} {options.seed}: epoch {epoch}, loss {total / batches:.4f},"
              f" {time.monotonic() - started:.0f} s", flush=True)
    options.output.mkdir(parents=True, exist_ok=True)
    stem = options.output / f"{options.kind}-{options.seed}"
    torch.save(network.state_dict(), stem.with_suffix(".pt"))
    stem.with_suffix(".json").write_text(json.dumps({
        "kind": options.kind, "seed": options.seed, "epochs": options.epochs,
        "learning_rate": options.learning_rate, "drift": drift(snapshots)}, indent=1) + "\n")


if __name__ == "__main__":
    main()
