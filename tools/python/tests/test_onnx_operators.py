"""Each operator that is read, in the versions of ONNX that have it, against onnxruntime."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx_files import NEWEST, convert, model

CONV = {"w": (6, 2, 3, 2), "b": (6,)}
CHANNELS = {"a": (4, 1, 1), "c": (1, 4, 1, 1)}
NORM = {"s": (4,), "b": (4,), "m": (4,), "v": np.array([0.5, 1, 2, 3], np.float32)}


def ints(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


CASES: list[tuple[str, dict[str, Any], list[str], int, int]] = [
    # What is computed, its constants, the operations that it becomes, the first and last opset.
    ("y = Conv <group: int = 2, strides: ints = [2, 1], pads: ints = [0, 1, 2, 1], "
     "dilations: ints = [1, 2]> (x, w, b)", CONV, ["conv2d"], 11, NEWEST),
    ('y = Conv <group: int = 2, auto_pad = "SAME_UPPER", strides: ints = [2, 2]> (x, w)', CONV,
     ["conv2d"], 11, NEWEST),
    ('y = Conv <group: int = 2, auto_pad = "SAME_LOWER"> (x, w)', CONV, ["conv2d"], 11, NEWEST),
    ('y = Conv <group: int = 2, auto_pad = "VALID"> (x, w)', CONV, ["conv2d"], 11, NEWEST),
    ("y = ai.addernet.Adder2d <group: int = 2, strides: ints = [2, 1], pads: ints = [0, 1, 2, 1], "
     "dilations: ints = [1, 2]> (x, w, b)", CONV, ["adder2d"], 18, NEWEST),
    ("f = Flatten (x) y = ai.addernet.AdderLinear (f, w, b)", {"w": (5, 256), "b": (5,)},
     ["flatten", "adder_linear"], 18, NEWEST),
    ("y = BatchNormalization <epsilon: float = 0.001> (x, s, b, m, v)", NORM, ["batch_norm"], 11, NEWEST),
    ("f = Flatten (x) y = Gemm <alpha: float = 0.5, beta: float = 2.0> (f, w, b)",
     {"w": (256, 5), "b": (1, 5)}, ["flatten", "linear"], 11, NEWEST),
    ("f = Flatten (x) y = Gemm <transB: int = 1> (f, w)", {"w": (5, 256)}, ["flatten", "linear"],
     11, NEWEST),
    ("f = Flatten (x) g = MatMul (f, w) y = Add (g, b)", {"w": (256, 5), "b": (5,)},
     ["flatten", "linear", "affine"], 11, NEWEST),
    ("y = Relu (x)", {}, ["relu"], 11, NEWEST),
    ("y = Clip (x, low, high)", {"low": np.float32(0), "high": np.float32(6)}, ["relu6"], 11, NEWEST),
    ("y = Clip (x, low, high)", {"low": np.float32(0), "high": np.float32(3.4028235e38)}, ["relu"],
     11, NEWEST),
    ("y = Clip (x, low)", {"low": np.float32(0)}, ["relu"], 11, NEWEST),
    ("y = LeakyRelu <alpha: float = 0.1> (x)", {}, ["leaky_relu"], 11, NEWEST),
    ("y = PRelu (x, a)", CHANNELS, ["prelu"], 11, NEWEST),
    ("y = HardSigmoid <alpha: float = 0.16666667> (x)", {}, ["hard_sigmoid"], 11, NEWEST),
    ("y = HardSwish (x)", {}, ["hard_swish"], 14, NEWEST),
    ("y = Sigmoid (x)", {}, ["sigmoid"], 11, NEWEST),
    ("y = Tanh (x)", {}, ["tanh"], 11, NEWEST),
    ("s = Sigmoid (x) y = Mul (x, s)", {}, ["silu"], 11, NEWEST),
    ("y = Gelu (x)", {}, ["gelu"], 20, NEWEST),
    ('y = Gelu <approximate = "tanh"> (x)', {}, ["gelu"], 20, NEWEST),
    ("r = Reshape (x, i) t = Transpose <perm: ints = [0, 2, 1, 3, 4]> (r) y = Reshape (t, j)",
     {"i": ints(0, 2, 2, 8, 8), "j": ints(0, 4, 8, 8)}, ["channel_shuffle"], 11, NEWEST),
    ("p = Mul (x, a) q = Add (c, p) r = Div (q, c) y = Sub (a, r)", CHANNELS, ["affine"] * 4, 11, NEWEST),
    ("p = Neg (x) y = Sub (x, p)", {}, ["affine", "affine", "add"], 11, NEWEST),
    ("p = Relu (x) y = Sum (x, p, x)", {}, ["relu", "add", "add"], 11, NEWEST),
    ("y = MaxPool <kernel_shape: ints = [3, 2], strides: ints = [2, 1], pads: ints = [1, 0, 1, 0]> (x)",
     {}, ["max_pool"], 11, NEWEST),
    ("y = MaxPool <kernel_shape: ints = [3, 3], pads: ints = [0, 0, 1, 1], dilations: ints = [2, 1]> (x)",
     {}, ["max_pool"], 11, NEWEST),
    ("y = MaxPool <kernel_shape: ints = [3, 3], strides: ints = [2, 2], ceil_mode: int = 1> (x)", {},
     ["max_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [2, 2], strides: ints = [2, 2]> (x)", {},
     ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [3, 3], pads: ints = [1, 1, 1, 1], "
     "count_include_pad: int = 1> (x)", {}, ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [3, 3], pads: ints = [0, 1, 2, 1], "
     "count_include_pad: int = 1> (x)", {}, ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [3, 3], pads: ints = [1, 1, 1, 1]> (x)", {},
     ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [3, 2], pads: ints = [0, 1, 2, 0]> (x)", {},
     ["average_pool"], 11, NEWEST),
    ('y = AveragePool <kernel_shape: ints = [3, 3], strides: ints = [2, 2], auto_pad = "SAME_UPPER"> (x)',
     {}, ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [3, 3], strides: ints = [2, 2], ceil_mode: int = 1> (x)",
     {}, ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [4, 4], strides: ints = [3, 3], pads: ints = [1, 1, 1, 1], "
     "ceil_mode: int = 1> (x)", {}, ["average_pool"], 11, NEWEST),
    ("y = AveragePool <kernel_shape: ints = [4, 4], strides: ints = [3, 3], pads: ints = [1, 1, 1, 1], "
     "ceil_mode: int = 1, count_include_pad: int = 1> (x)", {}, ["average_pool"], NEWEST, NEWEST),
    ("y = GlobalAveragePool (x)", {}, ["global_average_pool"], 11, NEWEST),
    ("y = GlobalMaxPool (x)", {}, ["max_pool"], 11, NEWEST),
    ("y = ReduceMean <axes: ints = [2, 3], keepdims: int = 0> (x)", {}, ["global_average_pool"], 11, 17),
    ("y = ReduceMean <keepdims: int = 0> (x, i)", {"i": ints(-1, 2)}, ["global_average_pool"], 18,
     NEWEST),
    ("y = ReduceMax <axes: ints = [3]> (x)", {}, ["max_pool"], 11, 17),
    ("y = Flatten <axis: int = -3> (x)", {}, ["flatten"], 11, NEWEST),
    ("y = Reshape (x, i)", {"i": ints(0, -1)}, ["flatten"], 11, NEWEST),
    ("s = Shape (x) n = Gather (s, i) m = Unsqueeze <axes: ints = [0]> (n) t = Concat <axis: int = 0> "
     "(m, r) y = Reshape (x, t)", {"i": np.array(0), "r": ints(-1)}, ["flatten"], 11, 12),
    ("s = Shape <start: int = 0, end: int = 1> (x) t = Concat <axis: int = 0> (s, r) "
     "y = Reshape (x, t)", {"r": ints(-1)}, ["flatten"], 15, NEWEST),
    ("p = GlobalAveragePool (x) y = Squeeze <axes: ints = [2, 3]> (p)", {}, ["global_average_pool"], 11,
     12),
    ("p = GlobalAveragePool (x) q = Squeeze (p, i) y = Unsqueeze (q, j)",
     {"i": ints(2, 3), "j": ints(-1, 2)}, ["global_average_pool"], 13, NEWEST),
    ("p = Relu (x) y = Concat <axis: int = 1> (x, p)", {}, ["relu", "concat"], 11, NEWEST),
    ("p, q = Split <axis: int = 1, split: ints = [1, 3]> (x) y = Concat <axis: int = -3> (q, p)", {},
     ["conv2d", "conv2d", "concat"], 11, 12),
    ("p, q = Split <axis: int = 1> (x, i) y = Concat <axis: int = 1> (q, p)", {"i": ints(1, 3)},
     ["conv2d", "conv2d", "concat"], 13, NEWEST),
    ("p, q = Split <axis: int = 1, num_outputs: int = 2> (x) y = Add (p, q)", {},
     ["conv2d", "conv2d", "add"], 18, NEWEST),
    ("y = Slice (x, i, j, k, l)", {"i": ints(0, 0), "j": ints(9, 9), "k": ints(2, 3), "l": ints(2, 4)},
     ["max_pool"], 11, NEWEST),
    ("y = Slice (x, i, j, k)", {"i": ints(1), "j": ints(-1), "k": ints(1)}, ["conv2d"], 11, NEWEST),
    ("y = Gather <axis: int = 1> (x, i)", {"i": ints(3, -4, 1)}, ["conv2d"], 11, NEWEST),
    ("y = Pad (x, i)", {"i": ints(0, 0, 1, 2, 0, 0, 3, 0)}, ["zero_pad"], 11, NEWEST),
    ("y = Pad (x, i, , k)", {"i": ints(1, 2), "k": ints(-1)}, ["zero_pad"], 18, NEWEST),
    ('y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", '
     'nearest_mode = "floor"> (x, r, f)', {"r": np.zeros(0, np.float32), "f": np.float32([1, 1, 2, 3])},
     ["upsample_nearest"], 11, NEWEST),
    ("y = Resize (x, , , i)", {"i": ints(1, 4, 16, 32)}, ["upsample_nearest"], 13, NEWEST),
    ("y = Resize <axes: ints = [2, 3]> (x, , f)", {"f": np.float32([2, 2])}, ["upsample_nearest"], 18,
     NEWEST),
    ('y = DepthToSpace <blocksize: int = 2, mode = "CRD"> (x)', {}, ["depth_to_space"], 11, NEWEST),
    ("y = DepthToSpace <blocksize: int = 2> (x)", {}, ["depth_to_space"], 11, NEWEST),
    ("r = Reshape (x, i) t = Transpose <perm: ints = [0, 1, 4, 2, 5, 3]> (r) y = Reshape (t, j)",
     {"i": ints(0, 1, 2, 2, 8, 8), "j": ints(0, 1, 16, 16)}, ["depth_to_space"], 11, NEWEST),
    ("p = Dropout (x) q = Identity (p) r = Cast <to: int = 1> (q) y = Relu (r)", {}, ["relu"], 11,
     NEWEST),
    ("p = Dropout <seed: int = 1> (x, r) y = Relu (p)", {"r": np.float32(0.5)}, ["relu"], 12, NEWEST),
    ("h = Constant <value_float: float = 0.5> () y = Mul (x, h)", {}, ["affine"], 12, NEWEST),
    ("q = Sqrt (v) w = Div (s, q) r = Reshape (w, i) y = Mul (x, r)", {**NORM, "i": ints(4, 1, 1)},
     ["affine"], 13, NEWEST),
    # An adder layer of vectors as others write it, the distance itself, and the same by their norm.
    ("f = Flatten (x) u = Unsqueeze (f, i) d = Sub (u, w) a = Abs (d) y = ReduceSum "
     "<keepdims: int = 0> (a, j)",
     {"w": (5, 256), "i": ints(1), "j": ints(2)}, ["flatten", "adder_linear", "affine"], 13, NEWEST),
    ("f = Flatten (x) u = Unsqueeze (f, i) d = Sub (u, w) a = Abs (d) s = ReduceSum "
     "<keepdims: int = 0> (a, j) y = Neg (s)",
     {"w": (5, 256), "i": ints(1), "j": ints(2)}, ["flatten", "adder_linear"], 13, NEWEST),
    ("f = Flatten (x) u = Unsqueeze (f, i) d = Sub (u, w) s = ReduceL1 <keepdims: int = 0> (d, j) "
     "y = Neg (s)", {"w": (5, 256), "i": ints(1), "j": ints(2)}, ["flatten", "adder_linear"], 18,
     NEWEST),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0][:60])
def test_operators_are_those_of_onnxruntime(case: Any, tmp_path: Path) -> None:
    body, weights, operations, first, last = case
    for opset in {first, last}:
        x = "float[1,4,8,8]" if "i\": ints(1, 4, 16" in str(weights) or "Resize (x, , , i)" in body else (
            "float[N,4,8,8]")
        exported = convert(model(body, opset, x=x, weights=weights), tmp_path, tolerance=2e-6)
        assert exported.compared_with == "onnxruntime", exported.notes
        assert [node["op"] for node in exported.graph["nodes"]] == operations


def test_channels_of_dcr_order_are_put_in_ours(tmp_path: Path) -> None:
    body = "y = DepthToSpace <blocksize: int = 2> (x)"
    exported = convert(model(body, x="float[N,8,4,4]"), tmp_path, tolerance=1e-6)
    assert [node["op"] for node in exported.graph["nodes"]] == ["conv2d", "depth_to_space"]
    assert "by a convolution with zeros and ones" in "\n".join(exported.notes)


def test_normalization_is_that_of_the_options(tmp_path: Path) -> None:
    exported = convert(
        model("y = Relu (x)", x="float[N,3,4,4]"), tmp_path, mean=[0.4, 0.5, 0.6], std=[0.2, 0.2, 0.3])
    assert exported.graph["inputs"][0]["mean"] == [0.4, 0.5, 0.6]
    assert not any("byte/255" in note for note in exported.notes)


def test_open_extents_are_those_of_the_options(tmp_path: Path) -> None:
    made = model("y = GlobalAveragePool (x)", x="float[N,4,H,W]")
    exported = convert(made, tmp_path, input_shapes=[4, 6, 10])
    assert exported.graph["inputs"][0]["shape"] == [4, 6, 10]


def test_weights_of_other_widths_become_single_precision(tmp_path: Path) -> None:
    weight = np.random.default_rng(2).standard_normal((6, 2, 3, 2))
    for kind in (np.float16, np.float64):
        made = model(
            "y = Conv <group: int = 2> (x, w)", x="float[N,4,8,8]", weights={"w": weight.astype(kind)})
        exported = convert(made, tmp_path)
        name = "float16" if kind is np.float16 else "double"
        assert f"weights of {name} became single precision" in exported.notes
        assert exported.compared_with == "PyTorch for ONNX's operators"


def test_without_onnxruntime_onnx_itself_is_compared_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    body = "a = ai.addernet.Adder2d <group: int = 2, strides: ints = [1, 1], pads: ints = [1, 1, 1, 1], "
    body += "dilations: ints = [1, 1]> (x, w) y = Relu (a)"
    exported = convert(model(body, weights={"w": (6, 2, 3, 3)}), tmp_path)
    assert exported.compared_with == "onnx"
