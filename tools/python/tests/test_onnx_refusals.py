"""ONNX files that are damaged, hostile or beyond what adderc has: a sentence each, and no output."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import onnx
import onnx.inliner
import pytest
from adder_tools.onnx.__main__ import main
from onnx import TensorProto, helper, numpy_helper
from onnx_files import NEWEST, convert, model

CONV = {"w": (6, 4, 3, 3)}
BODY = "y = Conv (x, w)"


def refusal(made: Any, folder: Path, **options: Any) -> adder_tools.AdderError:
    """The error for a file, which leaves nothing behind."""
    with pytest.raises(adder_tools.AdderError) as caught:
        convert(made, folder, **options)
    assert not (folder / "net.safetensors").exists()
    return caught.value


@pytest.mark.parametrize(
    ("body", "weights", "text"),
    [
        ("y = Erf (x)", {}, "y (node 0 'y', Erf): Erf: adderc has no such operation"),
        ("y = Softmax (x)", {}, "return its argument, the logits"),
        ("y = Mul (x, x)", {}, "two values of the network are multiplied"),
        ("y = Conv (x, x)", {}, "a weight that depends on the image"),
        ("y = Conv <group: int = 3> (x, w)", CONV, "in 3 groups on [2, 4, 8, 8]"),
        ("y = Conv <kernel_shape: ints = [2, 2]> (x, w)", CONV, "a layer of filters"),
        ("y = Conv <pads: ints = [-1, 0, 0, 0]> (x, w)", CONV, "four pads of at least 0"),
        ("y = Conv <strides: ints = [0, 1]> (x, w)", CONV, "two positive numbers each"),
        ("y = Conv (x, w)", {"w": (6, 4, 9, 9)}, "Conv that does not fit its inputs"),
        ("y = Conv <speed: int = 3> (x, w)", CONV, "arguments that are not known here"),
        ("y = Conv (x, w)", {"w": np.full((6, 4, 3, 3), np.nan, np.float32)}, "216 values that are NaN"),
        ("y = ConvTranspose (x, w)", {"w": (4, 6, 3, 3)}, "use upsample_nearest or pixel_shuffle"),
        ("y = BatchNormalization <training_mode: int = 1> (x, s, s, s, s)", {"s": (4,)},
         "export the model in evaluation mode"),
        ("y = BatchNormalization (x, s, s, s, s)", {"s": (16,)}, "expected one for each channel"),
        ("y = Dropout (x, r, t)", {"r": np.float32(0.5), "t": np.array(True)}, "drops at inference"),
        ("y = QuantizeLinear (x, s, z)", {"s": np.float32(1), "z": np.uint8(0)},
         "adderc quantizes it itself"),
        ("p, q = MaxPool <kernel_shape: ints = [2, 2]> (x) r = Cast <to: int = 1> (q) y = Add (p, r)",
         {}, "its result 'q' is read"),
        ("y = AveragePool <kernel_shape: ints = [3, 3], dilations: ints = [2, 2]> (x)", {},
         "AveragePool with dilations"),
        ("y = Clip (x, x)", {}, "a limit that depends on the image"),
        ("y = Clip (x, l)", {"l": np.float32(1)}, "a clamp to 1.0...None"),
        ("y = Resize (x, , f)", {"f": np.float32([1, 1, 1.5, 1.5])}, "which does not repeat each"),
        ('y = Resize <mode = "linear"> (x, , f)', {"f": np.float32([1, 1, 2, 2])}, "Resize by 'linear'"),
        ('y = Pad <mode = "reflect"> (x, i)', {"i": np.int64([0, 0, 1, 1, 0, 0, 1, 1])}, "(reflect)"),
        ("y = Pad (x, i, v)", {"i": np.int64([0, 0, 1, 1, 0, 0, 1, 1]), "v": np.float32(1)},
         "adderc pads with zeros"),
        ("y = Transpose <perm: ints = [0, 2, 3, 1]> (x)", {}, "elements of"),
        ("y = Transpose <perm: ints = [1, 0, 2, 3]> (x)", {}, "keep the batch as first dimension"),
        ("y = Reshape (x, i)", {"i": np.int64([1, -1])}, "keep the batch as first dimension"),
        ("y = Slice (x, i, j, k, s)", {"i": np.int64([-1]), "j": np.int64([-9]), "k": np.int64([2]),
         "s": np.int64([-1])}, "negative steps"),
        ("y = Gather (x, i)", {"i": np.int64([9])}, "Gather beyond the 2 elements"),
        ("y = Foo (x)", {}, "Foo: adderc has no such operation"),
        ("y = ai.addernet.Adder3d (x)", {}, "ai.addernet::Adder3d: adderc has no such operation"),
        ("c = ConstantOfShape (i) y = Add (x, c)", {"i": np.int64([1 << 20, 1 << 20])}, "grow beyond"),
        ("c = Expand (v, i) y = Add (x, c)", {"v": np.float32([1]), "i": np.int64([1 << 40])},
         "grow beyond"),
        ("c = Range (a, b, v) y = Add (x, c)",
         {"a": np.int64(0), "b": np.int64(1 << 60), "v": np.int64(1)}, "grow beyond"),
        ("c = Det (v) y = Add (x, c)", {"v": (2, 2)}, "Det of constants; run onnxsim"),
    ],
)
def test_what_cannot_be_expressed_is_a_finding(
    body: str, weights: dict[str, Any], text: str, tmp_path: Path
) -> None:
    error = refusal(model(body, weights=weights), tmp_path)
    assert isinstance(error, adder_tools.ExportError) and error.exit_code == 69
    assert text in str(error)
    assert len(error.findings) == 1


def test_all_findings_come_at_once(tmp_path: Path) -> None:
    body = (
        "a = Erf (x) b = Conv (a, w) c = Softmax (b) d = Relu (c) e = Mul (x, x) f = Add (e, a) "
        "g = Conv (f, w) y = Add (g, d)")
    findings = refusal(model(body, weights=CONV), tmp_path).findings  # type: ignore[attr-defined]
    assert [finding.module for finding in findings] == ["a", "c", "e"]
    assert [finding.line for finding in findings] == [
        "node 0 'a', Erf", "node 2 'c', Softmax", "node 4 'e', Mul"]


def changed(change: Callable[[onnx.ModelProto], Any], body: str = BODY) -> onnx.ModelProto:
    made = model(body, weights=CONV)
    change(made)
    return made


def cycle(made: onnx.ModelProto) -> None:
    made.graph.node[0].input[0] = "z"
    made.graph.node.append(helper.make_node("Relu", ["y"], ["z"]))


def value(shape: list[Any], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("x", kind, shape)


def given(info: onnx.ValueInfoProto) -> Callable[[onnx.ModelProto], None]:
    return lambda made: made.graph.input[0].CopyFrom(info)


def dims(*extents: int) -> Callable[[onnx.ModelProto], None]:
    def change(made: onnx.ModelProto) -> None:
        made.graph.initializer[0].dims[:] = extents

    return change


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (cycle, "reads 'z', which a later node makes: the nodes are in no order, or form a cycle"),
        (lambda m: m.graph.ClearField("initializer"), "reads 'w', which nothing makes"),
        (lambda m: m.graph.node.append(m.graph.node[0]), "makes 'y', which is there already"),
        (lambda m: m.graph.output[0].ParseFromString(b"\n\x01q"), "the output 'q' is made by no node"),
        (lambda m: m.graph.ClearField("output"), "no ONNX model"),
        (lambda m: m.graph.ClearField("input"), "reads 'x', which nothing makes"),
        (dims(-6, 4, 3, 3), "the tensor 'w' has the dimensions [-6, 4, 3, 3]"),
        (dims(1 << 40, 1 << 40, 3, 3), "expected such of a tensor"),
        (dims(6, 4, 3, 4), "has 864 bytes, expected 1152"),
        (lambda m: setattr(m.graph.initializer[0], "data_type", 99), "is of the type 99"),
        (lambda m: setattr(m.graph.initializer[0], "data_type", TensorProto.STRING), "type STRING"),
        (lambda m: setattr(m.opset_import[0], "version", 9), "opset 9, expected 11 to"),
        (lambda m: setattr(m.opset_import[0], "version", 999), "pip install --upgrade onnx"),
        (lambda m: setattr(m.opset_import[1], "version", 2), "version 2 of the operators ai.addernet"),
        (given(value(["N", 4, "H", 8])), "such as --input-shape 4x224x8"),
        (given(value([2, 4, 70000, 8])), "expected extents of 1 to 65536"),
        (given(value([2, 4, 60000, 60000])), "at most 268435456 elements"),
        (given(value([2, 0, 8, 8])), "expected extents of 1 to"),
        (given(value([2, 4, -8, 8])), "expected extents of 1 to"),
        (given(value([4, 8, 8])), "has 3 dimensions, expected images"),
        (given(value(["N", 4, 8, 8], TensorProto.UINT8)), "is of the type UINT8"),
        (lambda m: m.graph.output.add(name="w"), "the output 'w' does not depend on an input"),
        (lambda m: m.graph.sparse_initializer.add(), "is sparse"),
        (lambda m: m.graph.initializer[0].CopyFrom(numpy_helper.from_array(
            np.full((6, 4, 3, 3), 3e38, np.float32), "w")), "NaN or infinite outputs"),
    ],
)
def test_an_unsound_file_is_refused(
    change: Callable[[onnx.ModelProto], Any], text: str, tmp_path: Path
) -> None:
    assert text in str(refusal(changed(change), tmp_path))


def test_every_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = model(BODY, weights=CONV).SerializeToString()
    for length in [0, 1, 10, *range(20, len(whole), 97), len(whole) - 1]:
        refusal(whole[:length], tmp_path)
    refusal(b"\x80\x02}q\x00." * 99, tmp_path)


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    whole = model("a = Relu (x) y = Relu (a)").SerializeToString()
    assert "is no UTF-8" in str(refusal(whole.replace(b"Relu", b"Rel\xff", 1), tmp_path))


def test_every_damaged_file_is_refused_or_read(tmp_path: Path) -> None:
    whole = bytearray(model("a = Conv (x, w) y = Relu (a)", weights=CONV).SerializeToString())
    weights = whole.index(numpy_helper.to_array(model("", weights=CONV).graph.initializer[0]).tobytes())
    generator = np.random.default_rng(3)
    places = [*range(weights), *range(weights + 864, len(whole))]
    for place in generator.permutation(places)[:60]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(generator.integers(8))
        try:
            convert(bytes(damaged), tmp_path)
        except adder_tools.AdderError:
            pass


def external(location: str, **told: Any) -> Callable[[onnx.ModelProto], None]:
    def change(made: onnx.ModelProto) -> None:
        tensor = made.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in {"location": location, **told}.items():
            tensor.external_data.add(key=key, value=str(text))

    return change


@pytest.mark.parametrize(
    ("location", "told", "text"),
    [
        ("../secret.bin", {}, "outside of the file's folder"),
        ("link.bin", {}, "outside of the file's folder"),
        ("/etc/hostname", {}, "expected the name of a file beside it"),
        ("", {}, "expected the name of a file beside it"),
        ("missing.bin", {}, "is not there; copy it beside the model"),
        (".", {}, "is not there"),
        ("short.bin", {}, "is truncated or another's"),
        ("weights.bin", {"offset": 9}, "is truncated or another's"),
        ("weights.bin", {"offset": -9}, "is truncated or another's"),
        ("weights.bin", {"offset": "x"}, "cannot be read"),
        ("weights.bin", {"length": 9}, "is truncated or another's"),
    ],
)
def test_external_data_is_read_beside_the_file_alone(
    location: str, told: dict[str, Any], text: str, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for name, size in (("../secret.bin", 864), ("weights.bin", 864), ("short.bin", 863)):
        (folder / name).write_bytes(bytes(size))
    (folder / "link.bin").symlink_to("../secret.bin")
    assert text in str(refusal(changed(external(location, **told)), folder))
    convert(changed(external("weights.bin", offset=0, length=864)), folder)


def test_control_flow_is_a_finding(tmp_path: Path) -> None:
    branch = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["r"])], "branch", [],
        [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)])
    made = model("s = ReduceMax <keepdims: int = 0> (x) t = Cast <to: int = 9> (s) y = Identity (x)")
    made.graph.node.pop()
    made.graph.node.append(
        helper.make_node("If", ["t"], ["y"], then_branch=branch, else_branch=branch))
    assert "export it with the condition as a constant" in str(refusal(made, tmp_path))


def test_functions_of_the_file_are_refused(tmp_path: Path) -> None:
    made = model("y = Relu (x)")
    made.functions.append(onnx.parser.parse_function(
        '<domain: "mine", opset_import: ["" : 18]> F (a) => (b) { b = Relu (a) }'))
    made.graph.node[0].CopyFrom(helper.make_node("F", ["x"], ["y"], domain="mine"))
    made.opset_import.add(domain="mine", version=1)
    assert "onnx.inliner.inline_local_functions(model)" in str(refusal(made, tmp_path))
    convert(onnx.inliner.inline_local_functions(made), tmp_path)


@pytest.mark.parametrize(
    ("body", "x", "weights", "text"),
    [
        ("y = Resize (x, , f)", "float[4,64,8,8]", {"f": np.float32([1, 1, 2048, 64])},
         "elements of values"),
        ("y = Conv <pads: ints = [99, 99, 99, 99]> (x, w)", "float[1,1,4096,4096]",
         {"w": (1, 1, 200, 200)}, "steps, expected at most"),
        ("y = MaxPool <kernel_shape: ints = [999, 999], pads: ints = [499, 499, 499, 499]> (x)",
         "float[1,1,4096,4096]", {}, "steps, expected at most"),
    ])
def test_what_would_take_too_much_is_refused_before_it_is_computed(
    body: str, x: str, weights: dict[str, Any], text: str, tmp_path: Path
) -> None:
    assert text in str(refusal(model(body, x=x, weights=weights), tmp_path))


def test_old_versions_can_be_converted_as_advised(tmp_path: Path) -> None:
    made = model("y = Relu (x)", 9, x="float[1,4,8,8]", y="float[1,4,8,8]")
    made.opset_import.pop()
    assert "onnx.version_converter.convert_version(model, 13)" in str(refusal(made, tmp_path))
    converted = onnx.version_converter.convert_version(made, 13)
    assert convert(converted, tmp_path).compared_with == "onnxruntime"


def test_the_input_shape_gives_values_to_open_extents_alone(tmp_path: Path) -> None:
    made = model("y = Relu (x)")
    assert "contradicts" in str(refusal(made, tmp_path, input_shapes=[4, 9, 8]))
    assert "there is no input 'z'; it has x" in str(refusal(made, tmp_path, input_shapes={"z": [1]}))


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["missing.onnx", "-o", "o"], 66, "no such file"),
        ([".", "-o", "o"], 66, "is a directory, expected a file"),
        (["bad.onnx", "-o", "o"], 65, "no ONNX model"),
        (["erf.onnx", "-o", "o"], 69, "Erf: adderc has no such operation"),
        (["good.onnx", "-o", "no/such/folder"], 73, "cannot be written"),
        (["good.onnx", "-o", "o", "--mean", "0.5"], 65, "mean and std go together"),
        (["good.onnx", "-o", "o", "--mean", "x"], 64, "invalid"),
        (["good.onnx", "-o", "o", "--input-shape", "1x2"], 64, "invalid"),
        (["good.onnx"], 64, "-o/--output"),
        (["-o", "o"], 64, "expected MODEL.onnx or --from"),
        (["--from", "bad.adb", "-o", "o"], 65, "bad.adb"),
        (["--from", "missing.adb", "-o", "o"], 66, "missing.adb"),
        (["good.onnx", "-o", "o"], 0, "nodes"),
    ],
)
def test_exit_codes_are_those_of_adderc(
    arguments: list[str], code: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bad.onnx", "bad.adb"):
        (tmp_path / name).write_bytes(b"no model")
    onnx.save(model("y = Erf (x)"), "erf.onnx")
    onnx.save(model("y = Relu (x)"), "good.onnx")
    try:
        assert main(arguments) == code
    except SystemExit as exited:
        assert exited.code == code
    printed = capsys.readouterr()
    assert text in (printed.err if code else printed.out) and "Traceback" not in printed.err
    assert (tmp_path / "o").exists() == (code == 0)


def test_the_command_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adder_tools.onnx", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--from MODEL.adb" in done.stdout


def test_without_onnx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(adder_tools.AdderError, match=r"pip install 'adder-tools\[onnx\]'"):
        adder_tools.onnx.import_onnx
