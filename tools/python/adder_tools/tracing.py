"""A module as a torch.fx graph: by symbolic tracing, else by torch.export."""

import logging
import os
import re
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from typing import Any

import torch
from torch import fx, nn

from .errors import ExportError


def adder_weight(module: nn.Module) -> torch.Tensor | None:
    """The tensor that makes a module an adder layer: its parameter or attribute `adder`."""
    weight = getattr(module, "adder", None)
    return weight if isinstance(weight, torch.Tensor) else None


@dataclass
class Trace:
    """A network as operations of PyTorch."""

    graph: fx.Graph
    #: Where the graph's modules and attributes are found.
    root: nn.Module
    #: How it was traced, for messages.
    how: str


@dataclass(frozen=True)
class Place:
    """Where an operation of another source than PyTorch's modules came from: an fx node's
    `meta["adder_place"]`."""

    module: str
    line: str
    #: Whether it is a module of torch.nn, by whose path it is named.
    is_whole_module: bool


class _Tracer(fx.Tracer):
    """Traces through modules but those of torch.nn and adder layers."""

    def __init__(
        self, model: nn.Module, input_names: Sequence[str], adder_classes: tuple[type, ...]
    ) -> None:
        super().__init__()
        self.record_stack_traces = True
        self.input_names = input_names
        # Known before tracing, during which parameters are proxies.
        self.adders = {
            module for module in model.modules()
            if isinstance(module, adder_classes) or adder_weight(module) is not None
        }
        self.paths = [""]

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return m in self.adders or bool(super().is_leaf_module(m, module_qualified_name))

    def create_args_for_root(
        self, root_fn: Any, is_module: bool, concrete_args: Any = None
    ) -> tuple[Any, list[Any]]:
        # One argument for each example; the others of `forward` keep their defaults.
        inputs = [self.create_proxy("placeholder", name, (), {}) for name in self.input_names]
        return root_fn, [self.root, *inputs]

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        self.paths.append(self.path_of_module(m))
        try:
            return super().call_module(m, forward, args, kwargs)
        finally:
            self.paths.pop()

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        node = super().create_node(*args, **kwargs)
        node.meta["adder_path"] = self.paths[-1]
        return node


class _Holder(nn.Module):
    """Holds a module that is a layer by itself, so that it is traced as one."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, *inputs: Any) -> Any:
        return self.layer(*inputs)


def trace(
    model: nn.Module, examples: Sequence[torch.Tensor], input_names: Sequence[str],
    adder_classes: tuple[type, ...],
) -> Trace:
    """Traces a module.

    Raises: ExportError where neither way can.
    """
    tracer = _Tracer(model, input_names, adder_classes)
    root = _Holder(model) if tracer.is_leaf_module(model, "") else model
    try:
        return Trace(tracer.trace(root), root, "torch.fx")
    except Exception as error:  # Any: the network's own code runs with proxies.
        reasons = [f"torch.fx: {_first_line(error)}"]
    try:
        return _exported(model, examples)
    except ExportError:
        raise
    except Exception as error:
        reasons.append(f"torch.export: {_first_line(error)}")
    raise ExportError(
        "the module cannot be traced: what it computes depends on values, or on Python that no "
        "tracer follows. Make that part of 'forward' plain tensor operations, or, if it is an "
        f"adder layer, name its class in adder_classes. ({'; '.join(reasons)})"
    )


def _exported(model: nn.Module, examples: Sequence[torch.Tensor]) -> Trace:
    if not hasattr(torch, "export"):
        raise RuntimeError(f"PyTorch {torch.__version__} has none; it came with 2.1")
    logger = logging.getLogger("torch")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            return from_program(torch.export.export(model, tuple(examples), strict=False))
    finally:
        logger.setLevel(level)


def from_program(program: Any) -> Trace:
    """What torch.export gave, as a trace.

    Raises: ExportError for dynamic shapes.
    """
    if getattr(program, "range_constraints", None):
        raise ExportError(
            f"the program has dynamic shapes ({', '.join(map(str, program.range_constraints))}), "
            "and a model file has fixed ones; export it without dynamic_shapes"
        )
    module = program.module()
    return Trace(module.graph, module, "torch.export")


def is_whole_module(node: fx.Node) -> bool:
    """Whether an operation is that of a module of torch.nn, not of a network's own code."""
    if "adder_place" in node.meta:
        return bool(node.meta["adder_place"].is_whole_module)
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return node.op == "call_module" or bool(stack) and str(stack[-1][1]).find("torch.nn.modules") >= 0


def place(node: fx.Node) -> tuple[str, str]:
    """The path of the module whose code a node came from, and the line of its source."""
    if "adder_place" in node.meta:
        return node.meta["adder_place"].module, node.meta["adder_place"].line
    path = node.meta.get("adder_path")
    if path is None:
        stack = node.meta.get("nn_module_stack") or {}
        path = [entry[0] for entry in stack.values()][-1] if stack else ""
    frames = re.findall(r'File "([^"]+)", line (\d+)', node.stack_trace or "")
    if torch.__version__.startswith("2"):
        frames.reverse()  # Now the innermost comes first, as in PyTorch 1.
    here = os.path.dirname(__file__) + os.sep
    passed = (os.path.dirname(torch.__file__) + os.sep, here)
    for file, line in frames:
        if file == f"{here}_export.py":
            break
        if not file.startswith(passed):
            return str(path), f"{os.path.basename(file)}:{line}"
    return str(path), ""


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"
