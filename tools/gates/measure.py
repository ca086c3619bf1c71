#!/usr/bin/env python3
"""Measures elements for absolute differences and for multiply-accumulates on models' operands.

Called by tools/gates/run, which says what is given; needs $ADDERRUN, yosys, iverilog and OpenSTA.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import opensta
import report
from energy import energy
from liberty import Library
from netlist import STYLES, Netlist
from simulate import SIZE, WrongSums, run
from streams import layers

LIBRARY = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
PERIOD = 20000  # ps: the slowest netlist, a 16-bit multiply-accumulate, settles in it
CYCLES = 400  # of each layer; every cycle is SIZE * SIZE operations
FEW = ("adder", "laplace", "trained")  # weights for what is compared once a layer
IMAGES = 4  # as many positions as the array has rows, where a layer has one an image


class Measurement:
    """pJ an operation by part, of a layer's operands in one netlist."""

    def __init__(self, netlist, layer, weights, with_delays=True):
        self.netlist, self.layer, self.weights = netlist, layer, weights
        self.operations = SIZE * SIZE * layer.stream(weights, CYCLES).cycles
        self.edges = run(netlist, layer.stream(weights, CYCLES), with_delays)
        self.parts = {
            part: total / self.operations for part, total in energy(netlist, self.edges).items()}

    @property
    def total(self):
        return sum(self.parts.values())


def operands(model, image_path):
    """The model's layers, with what the first images put into them."""
    images = np.load(image_path)[:IMAGES]
    images = images[:, np.newaxis] if images.ndim == 3 else images
    if len(images) < IMAGES:
        raise ValueError(f"{image_path}: {len(images)} images, expected {IMAGES} or more")
    with tempfile.TemporaryDirectory() as folder:
        dumps = []
        for index in range(IMAGES):
            single, dump = f"{folder}/{index}.npy", f"{folder}/{index}"
            np.save(single, images[index:index + 1])
            subprocess.run(
                [os.environ["ADDERRUN"], model, single, "--dump-layers", dump, "--quiet"],
                check=True, stdout=subprocess.DEVNULL)
            dumps.append(dump)
        return layers(model, dumps, images)


def measure(model_layers, styles, library, folder):
    """Measurements of all layers, in their order, and those of one layer without delays."""
    netlists, jobs = {}, []
    heaviest = max(model_layers, key=lambda layer: layer.operation_count)
    for style in styles:
        for layer in model_layers:
            for weights in layer.weights:
                if style != styles[0] and weights not in FEW:
                    continue
                key = ("sad" if weights == "adder" else "mac", layer.bits, style)
                if key not in netlists:
                    netlists[key] = Netlist(library, *key, PERIOD, folder)
                jobs.append((netlists[key], layer, weights))
    still = [job + (False,) for job in jobs
             if job[0].style == styles[0] and job[1] is heaviest and job[2] in FEW]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda job: Measurement(*job), jobs + still))
    checked = set()
    for measurement in found[:len(jobs)]:
        if measurement.netlist not in checked:
            checked.add(measurement.netlist)
            opensta.check(
                measurement.netlist, measurement.edges, measurement.operations, folder)
    return found[:len(jobs)], found[len(jobs):]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--bundled", nargs=3, action="append", default=[])
    parser.add_argument("-o", "--output")
    parser.add_argument("--expected")
    parser.add_argument("models", nargs="*")
    arguments = parser.parse_args()
    library = Library(LIBRARY)
    styles = list(STYLES)[:1] if arguments.small else list(STYLES)
    target = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        bundled = [(model, images, int(bits)) for bits, model, images in arguments.bundled]
        given = [(*pair, None) for pair in zip(arguments.models[::2], arguments.models[1::2])]
        for model, images, bits in bundled + given:
            model_layers = operands(model, images)
            for width in sorted({layer.bits for layer in model_layers}):
                chosen = [layer for layer in model_layers if layer.bits == width]
                title = f"{pathlib.Path(model).name}, {width} bits"
                if bits not in (None, width):
                    report.left_out(title, chosen, bits)
                    continue
                results = measure(chosen, styles, library, folder)
                report.show(title, *results)
                if bits:
                    target.update(report.operations(results[0]))
    if arguments.output:
        report.write_target(arguments.output, target, library, PERIOD)
    if arguments.expected:
        report.compare(arguments.expected, target)


try:
    main()
except (ValueError, WrongSums, OSError, subprocess.CalledProcessError) as error:
    sys.exit(f"tools/gates/run: {error}")
