#!/usr/bin/env python3
"""Writes inputs that once were findings, each into the folder of its target.

    hostile.py OUT            small ones, those of golden/fuzz
    hostile.py --large OUT    so long that time or memory beyond what is linear would be noticed

A file's name says what it is about. Nothing but Python's standard library is needed.
"""

import io
import json
import struct
import sys
import zipfile
from pathlib import Path

MARKS = "\u0301\u0316"


def safetensors(header: str, data: bytes = bytes(16)) -> bytes:
    encoded = header.encode()
    return struct.pack("<Q", len(encoded)) + encoded + data


def entry(name: str, begin: int = 0, end: int = 16) -> str:
    shape = (end - begin) // 4
    return f'"{name}":{{"dtype":"F32","shape":[{shape}],"data_offsets":[{begin},{end}]}}'


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def integer(value: int) -> bytes:
    return b"\x8a\x08" + struct.pack("<q", value)


def numbers(values: list[int]) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def storage(key: str = "0", kind: str = "FloatStorage", count: int = 16) -> bytes:
    name = f"ctorch\n{kind}\n".encode()
    return b"(" + text("storage") + name + text(key) + text("cpu") + integer(count) + b"tQ"


def tensor(shape: list[int], strides: list[int], offset: int = 0, **kind) -> bytes:
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage(**kind) + integer(offset)
        + numbers(shape) + numbers(strides) + b"\x89}tR"
    )


def pickled(*values: bytes) -> bytes:
    """A dictionary of the values that alternate with their keys."""
    return b"\x80\x02}(" + b"".join(values) + b"u."


def zipped(members: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for name, contents in members.items():
            file.writestr(zipfile.ZipInfo(name), contents)
    return archive.getvalue()


def legacy(pickle: bytes) -> bytes:
    magic = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
    system = b"\x80\x02}" + text("little_endian") + b"\x88s."
    keys = b"\x80\x02](" + text("0") + b"e."
    return magic + b"\x80\x02M\xe9\x03." + system + pickle + keys + struct.pack("<Q", 16) + bytes(64)


def checkpoints(n: int):
    """Checkpoints whose length is about n times that of the small ones."""
    marks = "a" + MARKS * (20 * n)
    yield "name-of-marks.safetensors", safetensors("{" + entry(marks) + "}")
    yield "metadata-of-marks.safetensors", safetensors(
        f'{{"__metadata__":{{"{marks}":"x"}},{entry("w")}}}')
    yield "member-of-marks.zip", zipped(
        {"a/data.pkl": pickled(), f"a/{'a' + MARKS * min(20 * n, 8000)}": b""})
    yield "prefixes.safetensors", safetensors("{" + entry("module." * (1000 * n) + "w") + "}")
    many = ",".join(entry(f"t{i}", 0, 0) for i in range(100 * n))
    yield "tensors.safetensors", safetensors("{" + many + "}", b"")
    metadata = ",".join(f'"{i}":""' for i in range(100 * n))
    yield "metadata.safetensors", safetensors(f'{{"__metadata__":{{{metadata}}},{entry("w")}}}')
    escapes = "\\u0041" * (2000 * n)
    yield "escapes.safetensors", safetensors(f'{{"__metadata__":{{"k":"{escapes}"}},{entry("w")}}}')
    nested = "[" * (100 * n) + "]" * (100 * n)
    yield "nested.safetensors", safetensors(f'{{"__metadata__":{nested},{entry("w")}}}')
    yield "members.zip", zipped(
        {"a/data.pkl": pickled()} | {f"a/data/{i}{'x' * 60}": b"" for i in range(20 * min(n, 1000))})
    yield "legacy.pth", legacy(pickled(text("w"), tensor([4, 4], [4, 1])))
    yield "equal-in-unicode.safetensors", safetensors(
        "{" + entry("\u00e9", 0, 8) + "," + entry("e\u0301", 8, 16) + "}")


def pickles(n: int):
    rank = tensor([1] * 64, [1] * 64)
    aliases = b"".join(text(f"{i}") + b"h\x00" for i in range(100 * n))
    yield "aliases-of-rank-64", b"\x80\x02" + rank + b"q\x000}(" + aliases + b"u."
    yield "dictionaries-on-stack", b"\x80\x02(" + b"}NNs" * (200 * n) + b"t."
    named = storage(key="k" * (1000 * n)) + b"q\x000"
    yield "long-key-named-often", b"\x80\x02(" + named + b"h\x00Q" * (100 * n) + b"t."
    yield "nested-tuples", b"\x80\x02" + b"(" * (100 * n) + b"t" * (100 * n) + b"."
    yield "nested-lists", b"\x80\x02" + b"](" * (100 * n) + b"e" * (100 * n) + b"."
    yield "itself", b"\x80\x02}q\x00(" + text("self") + b"h\x00u."
    yield "list-in-itself", b"\x80\x02]q\x00(h\x00h\x00e."
    yield "name-of-marks", pickled(text("a" + MARKS * (20 * n)), tensor([4], [1]))
    yield "prefixes", pickled(text("module.model." * (10 * n) + "w"), tensor([4], [1]))
    yield "strides", pickled(
        text("t"), tensor([2, 8], [1, 2]), text("all"), tensor([16], [1]),
        text("one"), tensor([1000000, 0], [1, 1]), text("half"),
        tensor([8], [1], offset=8, key="1"), text("scalar"), tensor([], []))
    yield "repeated-element", pickled(text("w"), tensor([1 << 14, 1 << 13], [0, 0]))
    yield "overflowing-shape", pickled(text("w"), tensor([1 << 62, 4], [1, 1]))
    yield "types", pickled(
        text("h"), tensor([32], [1], kind="HalfStorage", count=32),
        text("b"), tensor([32], [1], kind="BFloat16Storage", count=32),
        text("d"), tensor([8], [1], kind="DoubleStorage", count=8),
        text("l"), tensor([8], [1], kind="LongStorage", count=8),
        text("c"), tensor([64], [1], kind="CharStorage", count=64))
    yield "wrapped", pickled(
        text("epoch"), b"K\x05", text("state_dict"),
        b"}(" + text("module.fc.weight") + tensor([4, 4], [4, 1])
        + text("module.fc.bias") + tensor([4], [1]) + b"u", text("optimizer"), b"}")
    yield "ordered", (
        b"\x80\x02ccollections\nOrderedDict\n)R(" + text("w") + tensor([16], [1]) + b"u}"
        + text("_metadata") + b"N\x86b.")


def value(name: str, count: int) -> str:
    return f'{{"name": "{name}", "shape": [{count}, 4, 4]}}'


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
        node("p", "average_pool", "z", kernel=2, stride=2, count_include_pad=False),
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
    """Graph files, a byte 0, and bytes that choose weights: a kind for each tensor, its values, then
    options. Kinds are zeros, tiny, subnormal and huge numbers, magnitudes, any bits, ordinary ones."""
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
    # Bytes that choose the graph, too.
    for index in range(24):
        yield f"chosen-{index}", bytes(
            1 + (index * 89 + place * place * 31 + place * 7 * index) % 255 for place in range(96))


CORPUS = {
    "checkpoint": checkpoints, "compiler": networks, "pickle": pickles, "graph": graphs, "json": jsons,
    "target": targets, "npy": arrays,
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
