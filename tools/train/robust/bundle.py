"""Writes the bundled networks, one of each kind, from what train.py wrote."""

import argparse
from pathlib import Path

import torch

from network import KINDS, SmallNetwork, export


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("networks", type=Path, help="the folder that train.py wrote to")
    parser.add_argument("golden", type=Path, help="the folder whose models/ gets small-KIND.safetensors")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for kind in KINDS:
        network = SmallNetwork(kind)
        network.load_state_dict(torch.load(options.networks / f"{kind}-{options.seed}.pt"))
        export(network, options.golden / f"models/small-{kind}.safetensors")


if __name__ == "__main__":
    main()
