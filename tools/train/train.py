"""Trains the adder LeNet-5 on Fashion-MNIST; prints one line an epoch."""

import argparse
import time

import torch
import torch.nn.functional as F

import fashion_mnist
from augment import augment
from evaluate import correct_count
from model import AdderLeNet5  # also finds adder_tools

from adder_tools.nn import AdaptiveRate


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--output", required=True, help="checkpoint, written after every epoch")
    parser.add_argument("--data", default=fashion_mnist.DEFAULT_FOLDER)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--shift", type=int, default=1,
                        help="largest random shift in pixels; negative for no augmentation")
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def train_epoch(network, images, labels, optimizer, schedule, options, generator):
    """One pass over the shuffled images, whole batches only; returns the mean loss."""
    network.train()
    order = torch.randperm(len(images), generator=generator)
    batches = order.split(options.batch)[:len(images) // options.batch]
    total = 0.0
    for chosen in batches:
        batch = images[chosen]
        if options.shift >= 0:
            batch = augment(batch, options.shift, generator)
        loss = F.cross_entropy(network(fashion_mnist.normalize(batch)), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
    return total / len(batches)


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)

    images, labels = map(torch.tensor, fashion_mnist.load("train", options.data))
    test_images, test_labels = map(torch.tensor, fashion_mnist.load("t10k", options.data))
    labels = labels.long()

    network = AdderLeNet5()
    optimizer = AdaptiveRate(torch.optim.SGD(
        network.parameters(), lr=options.learning_rate, momentum=options.momentum,
        weight_decay=options.weight_decay, nesterov=True), network)
    step_count = options.epochs * (len(images) // options.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.optimizer, step_count)

    for epoch in range(1, options.epochs + 1):
        started = time.monotonic()
        loss = train_epoch(network, images, labels, optimizer, schedule, options, generator)
        correct = correct_count(network, test_images, test_labels)
        torch.save(network.state_dict(), options.output)
        print(f"epoch {epoch:2}  loss {loss:.4f}  "
              f"test {100 * correct / len(test_labels):.2f} %  "
              f"{time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
