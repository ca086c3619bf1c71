"""Our side: networks with random weights, compiled by adderc and run by adderrun."""

import json
import statistics
import struct
import subprocess
from pathlib import Path

import numpy as np
from worker import PeerFailure

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / ".build/release"


def run_program(name, *arguments):
    result = subprocess.run([PROGRAMS / name, *map(str, arguments)], capture_output=True, text=True)
    if result.returncode:
        raise PeerFailure((result.stderr.strip().splitlines() or [f"{name} failed"])[-1])
    return result.stdout


def write_safetensors(path, tensors, metadata):
    """Writes fp32 tensors, a dictionary of arrays, as a safetensors file."""
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + 4 * tensor.size]}
        offset += 4 * tensor.size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor, "<f4").tobytes())


class Checkpoint:
    """A graph file and random tensors of a network: each layer with batch norm, but for the last.

    The statistics of batch norms are near those of the layer's sums over rectified normal
    activations x and normal weights w, so that ranges are sane: E|x - w| = 1.0, variance 0.5.
    """

    def __init__(self, network):
        self.network, self.tensors, self.nodes = network, {}, []
        self.random, self.shapes, self.names = np.random.default_rng(0), network.shapes(), {}
        for node in network.nodes:
            inputs = [self.names.get(name, name) for name in node.inputs]
            value = (self.layer(node, inputs) if node.filters else self.other(node, inputs))
            if node.rectified:
                value = self.append(f"{node.name}.relu", "relu", [value])
            self.names[node.name] = value

    def append(self, name, op, inputs, **attributes):
        self.nodes.append({"name": name, "op": op, "inputs": inputs, **attributes})
        return name

    def other(self, node, inputs):
        if node.op == "max_pool":
            return self.append(node.name, node.op, inputs, kernel=node.kernel, stride=node.stride,
                               padding=node.padding)
        return self.append(
            node.name, "global_average_pool" if node.op == "average_pool" else "add", inputs)

    def layer(self, node, inputs):
        channels = self.shapes[node.inputs[0]][0]
        shape = node.filters, channels, node.kernel, node.kernel
        length, normal = channels * node.kernel**2, self.random.standard_normal
        name = node.name
        if node.op == "adder":
            op, weights, mean, variance = "adder2d", normal(shape), -1.0 * length, 0.5 * length
        else:
            op, weights, mean, variance = "conv2d", normal(shape) / np.sqrt(length), 0, 0.5
        self.tensors[f"{name}.weight"] = weights
        parameters = {"weight": f"{name}.weight"}
        if name in self.network.outputs and not node.rectified:
            self.tensors[f"{name}.bias"] = normal(node.filters) / 10
            parameters["bias"] = f"{name}.bias"
        self.append(name, op, inputs, stride=node.stride, padding=node.padding,
                    parameters=parameters)
        if "bias" in parameters:
            return name
        spread = np.sqrt(variance)
        statistics_ = {
            "weight": self.random.uniform(0.5, 1.5, node.filters),
            "bias": normal(node.filters) / 5,
            "running_mean": mean + 0.2 * spread * normal(node.filters),
            "running_var": variance * self.random.uniform(0.7, 1.4, node.filters),
        }
        parameters = {key: f"{name}.bn.{key}" for key in statistics_}
        self.tensors |= {parameters[key]: value for key, value in statistics_.items()}
        return self.append(f"{name}.bn", "batch_norm", [name], parameters=parameters)

    def write(self, path):
        graph = {
            "schema": "adder-graph-1", "name": "network",
            "inputs": [{"name": "image", "shape": list(self.network.input)}],
            "nodes": self.nodes, "outputs": [self.names[name] for name in self.network.outputs],
        }
        write_safetensors(path, self.tensors, {"adder.graph": json.dumps(graph)})


class Ours:
    """Runs of adderrun, a process for each request: opening the model is not part of its times."""

    def __init__(self, folder):
        self.folder, self.models, self.images = Path(folder), {}, {}
        self.version = run_program("adderrun", "--version").strip()

    def compile(self, network, checkpoint=None):
        """Compiles a network, or a checkpoint of it, once."""
        if network.name in self.models:
            return
        stem = self.folder / f"network{len(self.models)}"
        if checkpoint is None:
            checkpoint = stem.with_suffix(".safetensors")
            Checkpoint(network).write(checkpoint)
        run_program("adderc", "compile", checkpoint, "-o", stem.with_suffix(".adb"), "--quiet")
        self.models[network.name] = stem.with_suffix(".adb")

    def image(self, network, batch):
        key = network.input, batch
        if key not in self.images:
            path = self.folder / f"images{len(self.images)}.npy"
            np.save(path, np.random.default_rng(1).integers(
                0, 256, (batch, *network.input)).astype(np.uint8))
            self.images[key] = path
        return self.images[key]

    def run(self, network, batch, threads, kernel, count):
        """The median processor time and the least time of so many runs of a batch, in seconds."""
        report = json.loads(run_program(
            "adderrun", self.models[network.name], self.image(network, batch), "--kernel", kernel,
            "--threads", threads, "--repeat", count + 1, "--json", "--top", 1, "--quiet"))
        return statistics.median(report["processor_seconds"][1:]), min(report["seconds"][1:])

    def ceiling(self, network, kernel):
        """The absolute differences of a second that registers alone allow."""
        report = json.loads(run_program(
            "adderrun", self.models[network.name], self.image(network, 1), "--kernel", kernel,
            "--profile", "--json", "--top", 1, "--quiet"))
        return report["profile"]["ceiling_per_second"]
