#!/usr/bin/env python3
"""Writes the checkpoints with weights in parts of golden/checkpoints/.

    python3 tools/reference/make_weight_fixtures.py golden/checkpoints

Needs PyTorch 2.1 or later, on an x86-64 processor with AVX2, and safetensors; PyTorch 2.15 wrote
the files. The weights of `*-folded.safetensors` are those that PyTorch computes from the parts on
one thread.
"""

import hashlib
import json
import pathlib
import sys
import warnings

import safetensors.torch
import torch
from torch import nn
from torch.nn import utils
from torch.nn.utils import parametrizations, parametrize, prune


class Adder(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.adder = nn.Parameter(torch.randn(shape))


class Net(nn.Module):
    """Adder layers, a depthwise convolution and linear layers."""

    def __init__(self):
        super().__init__()
        self.first = Adder(6, 3, 3, 3)
        self.norm = nn.BatchNorm2d(6)
        self.depthwise = nn.Conv2d(6, 6, 3, groups=6)
        self.second = Adder(10, 6, 3, 3)
        self.dense = nn.Linear(10, 9)
        self.head = Adder(4, 9)

    def weights(self):
        """Each weight with the dimension of its norms."""
        return [
            (self.first, "adder", 0), (self.depthwise, "weight", 2), (self.second, "adder", 1),
            (self.dense, "weight", 1), (self.head, "adder", None),
        ]


def node(name, op, reads, parameters, **attributes):
    return {"name": name, "op": op, "inputs": [reads], **attributes, "parameters": parameters}


GRAPH = {
    "schema": "adder-graph-1",
    "name": "parts",
    "inputs": [{"name": "image", "shape": [3, 9, 9]}],
    "nodes": [
        node("first", "adder2d", "image", {"weight": "first.adder"}, padding=1),
        node("norm", "batch_norm", "first", {
            name: f"norm.{name}" for name in ("weight", "bias", "running_mean", "running_var")}),
        node("depthwise", "conv2d", "norm",
             {"weight": "depthwise.weight", "bias": "depthwise.bias"}, groups=6),
        node("second", "adder2d", "depthwise", {"weight": "second.adder"}),
        {"name": "pool", "op": "global_average_pool", "inputs": ["second"]},
        node("dense", "linear", "pool", {"weight": "dense.weight", "bias": "dense.bias"}),
        node("head", "adder_linear", "dense", {"weight": "head.adder"}),
    ],
    "outputs": ["head"],
}


def gains(shape):
    return torch.rand(shape) + 0.5


def hooked():
    torch.manual_seed(16)
    net = Net()
    for module, name, dimension in net.weights():
        utils.weight_norm(module, name, dim=dimension)
        gain = getattr(module, name + "_g")
        with torch.no_grad():
            gain.mul_(gains(gain.shape))
    return net


def parametrized():
    torch.manual_seed(16)
    net = Net()
    for module, name, dimension in net.weights():
        parametrizations.weight_norm(module, name, dim=dimension)
        gain = module.parametrizations[name].original0
        with torch.no_grad():
            gain.mul_(gains(gain.shape))
    return net


def pruned():
    """Half of each weight masked, and of the direction of a weight-normalized one."""
    torch.manual_seed(17)
    net = Net()
    utils.weight_norm(net.second, "adder")
    for module, name, _ in net.weights():
        prune.l1_unstructured(module, "adder_v" if module is net.second else name, amount=0.5)
    return net


def folded(net, remove):
    with torch.no_grad():
        for module, name, _ in net.weights():
            remove(net, module, name)
    return net.state_dict()


def remove_pruning(net, module, name):
    prune.remove(module, "adder_v" if module is net.second else name)
    if module is net.second:
        utils.remove_weight_norm(module, name)


def spectral():
    torch.manual_seed(18)
    net = Net()
    utils.spectral_norm(net.dense)
    return net.state_dict()


def main():
    folder = pathlib.Path(sys.argv[1])
    # On several threads, sums over all but the last dimension are in another order.
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", FutureWarning)
    graph = {"adder.graph": json.dumps(GRAPH, separators=(",", ":"))}

    def save(name, tensors, metadata=None):
        path = folder / name
        if name.endswith(".pth"):
            torch.save(tensors, path)
        else:
            safetensors.torch.save_file(
                {key: value.contiguous() for key, value in tensors.items()}, path, metadata)
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}")

    net = hooked()
    save("weight-norm.pth", net.state_dict())
    weights = folded(net, lambda net, *weight: utils.remove_weight_norm(*weight))
    save("weight-norm-folded.safetensors", weights, graph)
    net = parametrized()
    save("weight-norm-parametrized.safetensors", net.state_dict(), graph)
    others = folded(net, lambda net, *weight: parametrize.remove_parametrizations(*weight))
    assert all(torch.equal(weights[name], others[name]) for name in weights)
    net = pruned()
    save("pruned.pth", net.state_dict())
    save("pruned-folded.safetensors", folded(net, remove_pruning), graph)
    save("refused-spectral.pth", spectral())
    text = json.dumps(GRAPH, indent=2) + "\n"
    (folder / "parts.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
