#!/usr/bin/env python3
"""Writes inputs that once were findings, each into the folder of its target.

    hostile.py OUT            small ones, those of golden/fuzz
    hostile.py --large OUT    so long that time or memory beyond what is linear would be noticed

A file's name says what it is about. Nothing but Python's standard library is needed.
"""

import json
import struct
import sys
from pathlib import Path

from checkpoints import MARKS, checkpoints, pickles


def graph(nodes: list[dict], inputs=None, outputs=None) -> bytes:
    return json.dumps({
        "schema": "adder-graph-1", "name": "g",
        "inputs": inputs or [{"name": "x", "shape": [4, 8, 8]}],
        "nodes": nodes, "outputs": outputs or [nodes[-1]["name"]],
    }).encode()


def node(name: str, op: str, *inputs: str, **attributes) -> dict:
    return {"name": name, "op": op, "inputs": list(inputs) or ["x"], **attributes}


def layer(name: str, op: str, *inputs: str, **attributes) -> dict:
    return node(name, op, *inputs, parameters={"weight": f"{name}.w"}, **attributes)


def graphs(n: int):
    chain = [node("n0", "relu")] + [
        node(f"n{i}", "concat", *[f"n{i - 1}"] * 4) for i in range(1, 30)]
    yield "concats-of-one-value", graph(chain)
    small = [{"name": "x", "shape": [4, 1, 1]}]
    sums = [node("n0", "relu")] + [
        node(f"n{i}", "add", f"n{i - 1}", f"n{i - 1}") for i in range(1, min(30 * n, 9000))]
    yield "sums-of-one-value", graph(sums, small)
    yield "nodes-in-reverse", graph(
        list(reversed(sums)), small, [sums[-1]["name"]])
    yield "global-pool-of-4097-rows", graph(
        [node("p", "global_average_pool")], [{"name": "x", "shape": [1, 4097, 2]}])
    yield "layer-and-pool-of-8192x4096", graph(
        [layer("a", "adder2d", filters=4, kernel=3, padding=1),
         node("p", "max_pool", "a", kernel=3)], [{"name": "x", "shape": [3, 8192, 4096]}])
    yield "largest-attributes", graph(
        [layer("a", "adder2d", filters=1 << 20, kernel=4096, padding=255, dilation=4096)],
        [{"name": "x", "shape": [65536, 65536, 65536]}])
    yield "ceil-mode", graph([node("p", "max_pool", kernel=3, stride=2, ceil_mode=True)])
    yield "cycle", graph([node("a", "add", "x", "b"), node("b", "relu", "a")])
    marks = "a" + MARKS * (20 * n)
    yield "name-of-marks", graph([node(marks, "relu")])
    yield "key-of-marks", graph([node("a", "relu", **{marks: 1})])
    yield "unknown-keys", graph([node("a", "relu", **{f"k{i}": 1 for i in range(50 * n)})])
    yield "unknown-inputs", graph(
        [node(f"n{i}", "relu", f"missing{i}") for i in range(min(20 * n, 9999))])
    yield "shared-weight", graph([
        node("a", "conv2d", parameters={"weight": "w"}, filters=2, kernel=1),
        node("b", "conv2d", parameters={"weight": "w"}, filters=2, kernel=1),
        node("c", "add", "a", "b")], [{"name": "x", "shape": [2, 4, 4], "mean": [0.5, 0.25],
                                       "std": [0.5, 0.25]}])
    yield "every-attribute", graph([
        node("a", "conv2d", parameters={"weight": "w", "bias": "v"}, stride=[1, 2],
             padding=[0, 1, 2, 1], dilation=1, groups=1, filters=2, kernel=1),
        node("n", "batch_norm", "a", epsilon=0.001, parameters={
            "weight": "v", "bias": "v", "running_mean": "v", "running_var": "v"}),
        node("r", "relu6", "n"), node("u", "upsample_nearest", "r", factor=[2, 1]),
        node("z", "zero_pad", "u", padding=[1, 0]),
        node("p", "average_pool", "z", kernel=3, stride=2, padding=[1, 0], ceil_mode=True,
             count_include_pad=False),
        node("g", "global_average_pool", "p"), node("f", "flatten", "g"),
        node("l", "linear", "f", parameters={"weight": "w", "bias": "v"}, filters=2)],
        [{"name": "x", "shape": [2, 6, 6]}], ["l", "r"])


def jsons(n: int):
    yield "nested-arrays", b"[" * (50 * n) + b"]" * (50 * n)
    yield "nested-objects", b'{"a":' * (50 * n) + b"1" + b"}" * (50 * n)
    yield "values", b"[" + b"1," * (200 * n) + b"1]"
    yield "equal-keys", b"{" + b'"k":1,' * (100 * n) + b'"k":1}'
    yield "keys", ("{" + ",".join(f'"k{i}":1' for i in range(100 * n)) + "}").encode()
    yield "key-of-marks", ('{"a' + MARKS * (20 * n) + '":1,"b":2}').encode()
    yield "equal-in-unicode", '{"\u00e9":1,"e\u0301":2}'.encode()
    yield "digits", b"[" + b"1" * (100 * n) + b"]"
    yield "fraction", b"[0." + b"1" * (100 * n) + b"e-" + b"1" * n + b"]"
    yield "escapes", b'["' + b"\\ud83d\\ude00" * (50 * n) + b'"]'
    yield "numbers", (
        b"[0,-0,1.0,-0.0,1e308,1e-320,5e-324,9223372036854775807,-9223372036854775808,"
        b"9223372036854775808,18446744073709551616,0.1,123456789012345678901234567890,1E+2]")
    yield "text", '{"":[null,true,false,"\\u0000\\n\\"\\\\/\\ud800","\u00e9\u2028"]}'.encode()


def quantity(unit: str, number: float = 1) -> dict:
    return {"value": number, "low": number, "high": number, "unit": unit, "source": "s",
            "quality": "guess"}


def targets(n: int):
    target = {"schema": "adder-target-1", "name": "t", "kind": "paper", "summary": "s",
              "energy_unit": "pJ", "constants": {}}
    marks = "a" + MARKS * (20 * n)
    yield "constant-of-marks", json.dumps(
        target | {"constants": {marks: quantity("pJ")}}, ensure_ascii=False).encode()
    yield "unknown-constants", json.dumps(
        target | {"constants": {f"c{i}": 1 for i in range(50 * n)}}).encode()
    kernels = {"schema": "adder-kernel-costs-1", "core": "c", "kernels": "dsp", "source": "s",
               "classes": ["alu"], "residuals": {}}
    yield "negative-cost", json.dumps(
        kernels | {"features": {"pad.layers": {"alu": -1}}}).encode()
    yield "huge-cost", json.dumps(kernels | {"features": {"pad.layers": {"alu": 1e300}}}).encode()
    yield "costs", json.dumps(
        kernels | {"residuals": {"pad": {"max_percent": 2}}, "features": {
            f"{part}.layers": {"alu": 2} for part in ["pad", "flatten", "adder2d"]}}).encode()
    yield "unknown-features", json.dumps(
        kernels | {"features": {f"f{i}": {"alu": 1} for i in range(50 * n)}}).encode()


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    encoded = header.encode()
    length = struct.pack("<H" if version == 1 else "<I", len(encoded))
    return b"\x93NUMPY" + bytes([version, 0]) + length + encoded + data


def arrays(n: int):
    def header(kind: str, shape: str) -> str:
        return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n"
    yield "image", npy(header("|u1", "(1, 3, 2, 2)"), bytes(range(12)))
    yield "grey", npy(header("|u1", "(2, 4, 1)"), bytes(8))
    yield "labels", npy(header("<i8", "(4,)"), struct.pack("<4q", 1, 2, 3, 9))
    yield "floats", npy(header("<f4", "(1, 3, 2, 2)"), struct.pack("<12f", *[0.25] * 12))
    yield "no-elements", npy(header("|u1", "(0, 3, 2, 2)"))
    yield "scalar", npy(header("<f8", "()"), bytes(8))
    yield "overflowing-shape", npy(header("|u1", "(4294967296, 4294967296, 0)"))
    yield "many-empty-images", npy(header("|u1", "(9223372036854775807, 0)"))
    yield "rank-65", npy(header("|u1", "(" + "1, " * 65 + ")"), bytes(1))
    yield "nested", npy(header("|u1", "(" * min(100 * n, 60000)), version=2)
    yield "records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }")
    yield "pickled", npy(header("|O", "(1,)"), b"\x80\x02N.")
    yield "raw", bytes(12 * n)
    yield "class-names", "shirt\ncoat\r\n\u00e9t\u00e9 \n\n".encode()
    yield "line-feeds", b"\n" * (16000 * n)
    yield "line-of-marks", ("a" + MARKS * (20 * n) + "\n").encode()
    yield "png", b"\x89PNG\r\n\x1a\n" + bytes(16)


def networks(n: int):
    """Graph files, a byte 0, and bytes that choose weights: a kind for each tensor, values, then
    options. Kinds are zeros, tiny, subnormal and huge numbers, magnitudes, any bits, ordinary."""
    vector = [{"name": "x", "shape": [3, 1, 1]}]
    for kind, name in enumerate(["zeros", "tiny", "subnormal", "huge", "magnitudes", "any"]):
        for op in ["adder_linear", "linear"]:
            yield f"{name}-{op}", graph([layer("a", op, filters=4)], vector) + bytes(
                [0, kind, *range(1, 255, 7)])
    yield "sum-of-relu6-and-layer", graph([
        layer("a", "conv2d", filters=4, kernel=1), node("r", "relu6"),
        node("s", "add", "r", "a")]) + bytes([0, 3, *range(40)])
    yield "global-pool-of-4097-rows", graph(
        [node("p", "global_average_pool")], [{"name": "x", "shape": [1, 4097, 2]}])
    yield "norm-of-zeros", graph([
        layer("a", "adder2d", filters=4, kernel=2),
        node("n", "batch_norm", "a", epsilon=1e-5, parameters={
            "running_mean": "m", "running_var": "v", "weight": "g", "bias": "b"})]) + bytes(99)
    yield "concats-of-one-value", graph([node("n0", "relu")] + [
        node(f"n{i}", "concat", *[f"n{i - 1}"] * 2) for i in range(1, 8)],
        [{"name": "x", "shape": [4, 2, 2]}])
    yield "input-as-output", graph([node("r", "relu")], None, ["r", "x"])
    yield "means-of-partial-windows", graph([
        node("p", "average_pool", kernel=[4, 3], stride=3, padding=1, ceil_mode=True),
        node("q", "average_pool", "p", kernel=2, padding=[0, 1], count_include_pad=False),
        node("p.padded", "relu", "q")]) + bytes(40)
    # Bytes that choose the graph, too.
    for index in range(24):
        yield f"chosen-{index}", bytes(
            1 + (index * 89 + place * place * 31 + place * 7 * index) % 255 for place in range(96))


CORPUS = {
    "checkpoint": checkpoints, "compiler": networks, "graph": graphs, "json": jsons,
    "npy": arrays, "pickle": pickles, "target": targets,
}


def main() -> None:
    arguments = sys.argv[1:]
    n = 1
    if arguments[:1] == ["--large"]:
        arguments.pop(0)
        n = 1000
    out = Path(arguments[0])
    for target, inputs in CORPUS.items():
        folder = out / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, contents in inputs(n):
            (folder / name).write_bytes(contents)


if __name__ == "__main__":
    main()
