"""Checkpoints and pickles that once were findings; hostile.py writes them."""

import io
import struct
import zipfile

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
    version = b"\x80\x02M\xe9\x03."
    return magic + version + system + pickle + keys + struct.pack("<Q", 16) + bytes(64)


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
    members = {f"a/data/{i}{'x' * 60}": b"" for i in range(20 * min(n, 1000))}
    yield "members.zip", zipped({"a/data.pkl": pickled()} | members)
    yield "legacy.pth", legacy(pickled(text("w"), tensor([4, 4], [4, 1])))
    yield "equal-in-unicode.safetensors", safetensors(
        "{" + entry("\u00e9", 0, 8) + "," + entry("e\u0301", 8, 16) + "}")


def pickles(n: int):
    rank = tensor([1] * 64, [1] * 64)
    aliases = b"".join(text(f"{i}") + b"h\x00" for i in range(490 * n))
    yield "aliases-of-rank-64", b"\x80\x02" + rank + b"q\x000}(" + aliases + b"u."
    yield "dictionaries-on-stack", b"\x80\x02(" + b"}NNs" * (400 * n) + b"t."
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
