#!/usr/bin/python3
"""Writes the checkpoint fixtures of golden/checkpoints/.

    /usr/bin/python3 tools/reference/make_checkpoint_fixtures.py golden/checkpoints

Needs PyTorch (Debian package python3-torch, 1.13). What that version does not write, such as
safetensors or the extra members of newer archives, is made with zipfile, struct and json.

The storage keys of legacy files are memory addresses, so those files differ from run to run.

Element i of every tensor's storage is (i * 37 % 101 - 50) / 16, or i * 37 % 101 for integer types;
every value is exact in each element type used.
"""

import collections
import functools
import hashlib
import io
import json
import pathlib
import pickle
import struct
import sys
import zipfile

import torch


def floats(count, dtype=torch.float32):
    return torch.tensor([(i * 37 % 101 - 50) / 16 for i in range(count)], dtype=dtype)


def integers(count, dtype):
    return torch.tensor([i * 37 % 101 for i in range(count)], dtype=dtype)


def state_dict(prefix=""):
    entries = [
        ("conv1.weight", floats(24).reshape(2, 3, 2, 2)),
        ("bn1.running_mean", floats(2)),
        ("bn1.num_batches_tracked", torch.tensor(7)),
    ]
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in entries)


def element_types():
    return collections.OrderedDict(
        half=floats(6, torch.float16),
        bfloat16=floats(6, torch.bfloat16),
        float=floats(6, torch.float32),
        double=floats(6, torch.float64),
        uint8=integers(6, torch.uint8),
        int8=integers(6, torch.int8),
        int16=integers(6, torch.int16),
        int32=integers(6, torch.int32),
        int64=integers(6, torch.int64),
        bool=torch.tensor([True, False, True]),
    )


def views():
    base = floats(24)
    return collections.OrderedDict(
        whole=base.reshape(4, 6),
        transposed=base.reshape(4, 6).t(),
        middle=base[5:11],
        column=base.reshape(4, 6)[:, 2],
        permuted=base.reshape(2, 3, 4).permute(2, 0, 1),
        expanded=base[3:4].expand(5),
        empty=torch.zeros(0, 3),
        parameter=torch.nn.Parameter(floats(4)),
    )


class Whole(torch.nn.Module):
    """A module saved whole; the legacy format stores this source beside it."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(floats(2))


class Callback:
    """A class that no reader of checkpoints can know."""

    def __init__(self):
        self.best = torch.tensor(0.5)


def lightning():
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "global_step": 1 << 40,
        "pytorch-lightning_version": "2.1.0",
        "state_dict": state_dict("model."),
        "callbacks": {
            "checkpoint": Callback(), "names": {"a"}, "path": pathlib.PurePosixPath("x"),
        },
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [],
        "hyper_parameters": {
            "size": torch.Size([2, 3]),
            "device": torch.device("cpu"),
            "dtype": torch.float32,
            "partial": functools.partial(Callback, 1),
            "complex": 1 + 2j,
            "bytes": b"\x00\xff",
            "big": -(1 << 100),
            "frozen": frozenset([1]),
            "huge": torch.ones(2, dtype=torch.complex64),
        },
    }


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def legacy(value):
    return saved(value, _use_new_zipfile_serialization=False)


def repacked(data, extra=(), compression=zipfile.ZIP_STORED):
    """The members of an archive, packed again by zipfile."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        with zipfile.ZipFile(buffer, "w", compression) as target:
            members = [(i.filename, source.read(i)) for i in source.infolist()]
            for name, contents in members + list(extra):
                target.writestr(zipfile.ZipInfo(name), contents, compression)
    return buffer.getvalue()


def torch16(data):
    """Storage keys as torch 1.6 wrote them: decimal addresses."""
    address = b"94520000000000"
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        pickled = source.read("archive/data.pkl")
        keys = [i.filename.rsplit("/", 1)[1] for i in source.infolist() if "/data/" in i.filename]
    for key in keys:
        short = b"X" + struct.pack("<I", len(key)) + key.encode()
        name = address[: -len(key)] + key.encode()
        pickled = pickled.replace(short, b"X" + struct.pack("<I", len(name)) + name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for info in source.infolist():
            name, contents = info.filename, source.read(info)
            if name == "archive/data.pkl":
                contents = pickled
            elif "/data/" in name:
                key = name.rsplit("/", 1)[1]
                name = "archive/data/" + address.decode()[: -len(key)] + key
            target.writestr(zipfile.ZipInfo(name), contents)
    return buffer.getvalue()


def without_crc(data):
    """Every CRC-32 of the archive set to 0."""
    data = bytearray(data)
    for signature, offset in ((b"PK\3\4", 14), (b"PK\1\2", 16)):
        position = data.find(signature)
        while position >= 0:
            data[position + offset : position + offset + 4] = bytes(4)
            position = data.find(signature, position + 4)
    return bytes(data)


def safetensors(tensors, metadata=None):
    names = {
        torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64",
        torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16", torch.int32: "I32",
        torch.int64: "I64", torch.bool: "BOOL",
    }
    header = {"__metadata__": metadata} if metadata else {}
    data = b""
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        raw = bytes(tensor.flatten().view(torch.uint8).tolist()) if tensor.dim() else struct.pack(
            "<q", int(tensor)
        )
        header[name] = {
            "dtype": names[tensor.dtype], "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def script():
    class Tiny(torch.nn.Module):
        def forward(self, x):
            return x + 1

    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(Tiny()), buffer)
    return buffer.getvalue()


def tar():
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()[:4096]


def sparse():
    return {"weight": torch.eye(3).to_sparse()}


def quantized():
    return {"weight": torch.quantize_per_tensor(torch.ones(3), 0.5, 0, torch.qint8)}


def not_finite(value):
    tensors = state_dict()
    tensors["conv1.weight"][1, 0, 0, 1] = value
    return tensors


def fixtures():
    archive = saved(state_dict())
    with_types = element_types()
    newer = [
        ("archive/byteorder", b"little"), ("archive/.format_version", b"1"),
        ("archive/.storage_alignment", b"64"), ("archive/.data/serialization_id", b"0" * 40),
    ]
    yield "legacy.pth", legacy(state_dict("module."))
    yield "legacy-views.pth", legacy(views())
    yield "zip.pth", archive
    yield "zip-views.pth", saved(views())
    yield "zip-types.pth", saved(with_types)
    yield "zip-protocol-4.pth", saved(state_dict(), pickle_protocol=4)
    yield "zip-torch16.pth", torch16(archive)
    yield "zip-newer.pth", repacked(archive, extra=newer)
    yield "zip-no-crc.pth", without_crc(repacked(archive))
    yield "zip-compiled.pth", saved({"model": state_dict("module._orig_mod."), "epoch": 3})
    yield "lightning.ckpt", saved(lightning())
    yield "types.safetensors", safetensors(
        with_types, {"format": "pt", "note": "\u00e9\u2713"})
    yield "plain.safetensors", safetensors(state_dict("model."))
    yield "refused-script.pt", script()
    yield "refused-module.pth", saved(Whole())
    yield "refused-module-legacy.pth", legacy(Whole())
    yield "refused-compressed.pth", repacked(archive, compression=zipfile.ZIP_DEFLATED)
    yield "refused-big-endian.pth", repacked(archive, extra=[("archive/byteorder", b"big")])
    yield "refused-tar.pth", tar()
    yield "refused-sparse.pth", saved(sparse())
    yield "refused-quantized.pth", saved(quantized())
    yield "refused-complex.pth", saved({"weight": torch.ones(2, dtype=torch.complex64)})
    yield "refused-nan.pth", saved(not_finite(float("nan")))
    yield "refused-infinite.pth", legacy(not_finite(float("-inf")))
    yield "refused-plain.pkl", pickle.dumps({"weight": [1.0]}, protocol=2)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(2020)
    for name, data in fixtures():
        (folder / name).write_bytes(data)
        print(f"{hashlib.sha256(data).hexdigest()}  {name}")


if __name__ == "__main__":
    main()
