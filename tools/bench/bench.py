"""Measures our layers and networks beside those of peers; see `tools/bench/run --help`."""

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from contests import layer_contest, network_contest
from networks import LAYERS, resnet18, resnet20
from ours import Ours, run_program
from peers import Peers
from report import text
from worker import PeerFailure


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench/run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="of each layer (25)")
    parser.add_argument("--network-rounds", type=int, default=11, help="of each network (11)")
    parser.add_argument("--kernels", default="avx512,avx2",
                        help="ours, the first of which ratios are of (avx512,avx2)")
    parser.add_argument("--checkpoint", type=Path,
                        help="a ResNet-20, in place of random weights")
    parser.add_argument("--only", help="layers and networks whose titles contain this")
    parser.add_argument("--json", type=Path, help="write what was measured")
    parser.add_argument("--chart", type=Path, help="draw the ratios, .png or .svg")
    parser.add_argument("--read", type=Path, help="report on what --json wrote; measure nothing")
    parser.add_argument("--check", action="store_true",
                        help="two rounds of one layer, to see whether everything runs")
    return parser.parse_args()


def processor_name():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")),
                platform.machine())


def available(ours, kernels, layer):
    """The kernels that this processor has, and why others are missing."""
    network, found, missing = layer.copies(1), [], {}
    ours.compile(network)
    for kernel in kernels:
        try:
            ours.run(network, 1, 1, kernel, 1)
            found.append(kernel)
        except PeerFailure as failure:
            missing[kernel] = str(failure)
    return found, missing


def measure(options):
    def progress(title):
        print(f"measuring {title}", file=sys.stderr, flush=True)

    layers = LAYERS[2:3] if options.check else LAYERS
    networks = () if options.check else (resnet20(), resnet18())
    if options.only:
        layers = [layer for layer in layers if options.only in layer.title]
        networks = [network for network in networks if options.only in network.name]
    rounds = 2 if options.check else options.rounds
    peers = Peers()
    try:
        with tempfile.TemporaryDirectory() as folder:
            ours = Ours(folder)
            kernels, missing = available(ours, options.kernels.split(","), LAYERS[2])
            if not kernels:
                sys.exit(f"tools/bench/run: {next(iter(missing.values()))}")
            load = os.getloadavg()[0]
            found = {"layers": [], "networks": []}
            for layer in layers:
                progress(layer.title)
                found["layers"].append(layer_contest(layer, ours, peers, kernels, rounds))
            for network in networks:
                progress(network.name)
                is_given = options.checkpoint and network.name == "ResNet-20"
                ours.compile(network, options.checkpoint if is_given else None)
                found["networks"] += network_contest(
                    network, ours, peers, kernels, options.network_rounds)
    finally:
        peers.close()
    return {
        "schema": "adder-bench-1",
        "machine": {"processor": processor_name(), "cores": os.cpu_count(),
                    "system": platform.platform(), "load_before": load},
        "versions": {"ours": run_program("adderrun", "--version").strip(), **peers.versions},
        "kernels": kernels, "missing": peers.missing | missing, **found,
    }


def main():
    options = arguments()
    result = json.loads(options.read.read_text()) if options.read else measure(options)
    print(text(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if options.chart:
        from chart import draw

        draw(result, options.chart)
    # A check is for what runs at all, whatever the peers.
    if options.check and not all(
            kernel in layer["seconds"] for layer in result["layers"]
            for kernel in result["kernels"]):
        sys.exit("tools/bench/run: a kernel of ours did not run")


if __name__ == "__main__":
    main()
