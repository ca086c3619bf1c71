"""The modules of torch.nn: which operation each is, and which of its attributes are arguments."""

from typing import Any

from torch import nn

from . import activations, adders, translate  # noqa: F401  These fill FUNCTIONS.
from .lowering import Lowering, is_adder
from .movement import move
from .registry import FUNCTIONS, unknown
from .values import Unsupported

_BATCH_NORM = (
    "functional_batch_norm", "running_mean", "running_var", "weight", "bias", "training", "eps")
_ADAPTIVE_AVERAGE = ("adaptive_avg_pool2d", "output_size")
_DROPOUT = ("dropout", "p", "training")

#: For each module of torch.nn the operation that it is and its attributes that are arguments.
MODULES: dict[type[nn.Module], tuple[str, ...]] = {
    nn.Conv2d: ("conv2d", "weight", "bias", "stride", "padding", "dilation", "groups"),
    nn.Linear: ("linear", "weight", "bias"),
    nn.BatchNorm1d: _BATCH_NORM,
    nn.BatchNorm2d: _BATCH_NORM,
    nn.SyncBatchNorm: _BATCH_NORM,
    nn.ReLU: ("relu",),
    nn.ReLU6: ("relu6",),
    nn.Hardtanh: ("hardtanh", "min_val", "max_val"),
    nn.LeakyReLU: ("leaky_relu", "negative_slope"),
    nn.PReLU: ("prelu", "weight"),
    nn.Hardswish: ("hardswish",),
    nn.Hardsigmoid: ("hardsigmoid",),
    nn.Sigmoid: ("sigmoid",),
    nn.Tanh: ("tanh",),
    nn.SiLU: ("silu",),
    nn.GELU: ("gelu", "approximate"),
    nn.MaxPool2d: (
        "max_pool2d", "kernel_size", "stride", "padding", "dilation", "ceil_mode",
        "return_indices"),
    nn.AvgPool2d: (
        "avg_pool2d", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad",
        "divisor_override"),
    nn.AdaptiveAvgPool2d: _ADAPTIVE_AVERAGE,
    nn.AdaptiveMaxPool2d: ("adaptive_max_pool2d", "output_size", "return_indices"),
    nn.Upsample: ("interpolate", "size", "scale_factor", "mode", "align_corners"),
    nn.UpsamplingNearest2d: ("interpolate", "size", "scale_factor", "mode"),
    nn.Flatten: ("flatten",),
    nn.Unflatten: ("unflatten",),
    nn.PixelShuffle: ("pixel_shuffle",),
    nn.PixelUnshuffle: ("pixel_unshuffle",),
    nn.ChannelShuffle: ("channel_shuffle",),
    nn.Unfold: ("im2col", "kernel_size", "dilation", "padding", "stride"),
    nn.Identity: ("identity",),
    nn.Dropout: _DROPOUT,
    nn.Dropout2d: _DROPOUT,
    nn.AlphaDropout: _DROPOUT,
    nn.ZeroPad2d: ("pad", "padding"),
    nn.ConstantPad2d: ("pad", "padding", "value"),
}

#: Attributes of modules that are named otherwise as arguments.
_ARGUMENTS = {("pad", "padding"): "pad"}


def translate_module(t: Lowering, module: nn.Module | None, args: Any, kwargs: Any) -> Any:
    """Translates a call of an adder layer or of a module of torch.nn."""
    assert module is not None
    if is_adder(t, module):
        (value,) = args
        return adders.adder_module(t, module, value)
    row = next((MODULES[kind] for kind in type(module).__mro__ if kind in MODULES), None)
    if row is None:
        raise unknown(type(module).__name__)
    name, *attributes = row
    if getattr(module, "padding_mode", "zeros") != "zeros":
        raise Unsupported(
            f"padding_mode '{module.padding_mode}'; adderc pads with zeros")
    given = {_ARGUMENTS.get((name, a), a): getattr(module, a) for a in attributes}
    function = FUNCTIONS[name]
    if function is move:
        return move(t, *args, **kwargs)
    return t.call(function, args, {**given, **kwargs})
