"""How a filter layer runs: what Sources/AdderRuntime/Plan decides."""

from dataclasses import dataclass

from adb import structures as s

KERNELS = {"cortex-m4": "dsp", "cortex-m0": "thumb", "rv32i": "swar"}


@dataclass
class Plan:
    gathering: str  # taps, bytes, runs or blocks
    shared_taps: int  # of each row, copied from the patch one column to the left
    converts_words: bool  # four elements at a time
    sums: str  # bytes, sevenBits or halves; of conv2d the type of a patch
    scaling: str  # wide, narrow or the range of pairs
    examines_input: bool  # whether each image's input is looked through for bytes above 127


def plan(model, operation, kernels, inputs_are_seven_bit=None):
    """`inputs_are_seven_bit` tells what an examination would find; without it, what the
    requantizer that makes the input allows."""
    window, patch, requantizer = operation.window, operation.patch, operation.requantizer
    gathering, shared_taps = _gathering(window, patch)
    sums = "halves" if patch.element_type == s.I16 else "bytes"
    examines = False
    if operation.name == "conv2d":
        sums = "uint8" if patch.element_type == s.U8 else "int16"
    elif sums == "bytes" and kernels != "dsp":
        if operation.filters.max() <= 127 and patch.pad_values.max() <= 127:
            examines = not patch.converts
            if inputs_are_seven_bit is None:
                inputs_are_seven_bit = _is_seven_bit(model, operation.input)
            if patch.patch_max <= 127 if patch.converts else inputs_are_seven_bit:
                sums = "sevenBits"
    return Plan(gathering, shared_taps, _converts_words(patch), sums,
                _scaling(model, operation, requantizer), examines)


def _converts_words(patch):
    return (patch.converts and patch.element_type == s.U8 and patch.patch_min == 0
            and patch.input_shift > 0 and -16384 <= patch.input_offset < 16384)


def _gathering(window, patch):
    tap_bytes = patch.input_channels * s.ELEMENT_DTYPES[patch.element_type].itemsize
    if patch.groups != 1 or window.dilation_width != 1:
        return "taps", 0
    if tap_bytes % 16 == 0 and (not patch.converts or _converts_words(patch)):
        gathering = "blocks"
    elif not patch.converts and tap_bytes * window.kernel_width % 4 != 0:
        gathering = "bytes"
    else:
        gathering = "runs"
    shared = max(0, window.kernel_width - window.stride_width) if patch.converts else 0
    return gathering, shared


def _scaling(model, operation, requantizer):
    output_type = model.tensors[operation.output].element_type
    if requantizer.wide:
        return "wide"
    if output_type == s.I32:
        return "narrow"
    if requantizer.residual is not None:
        if not output_type == model.tensors[requantizer.residual].element_type == s.I16:
            return "narrow"
    limits = requantizer.output_min, requantizer.output_max
    if output_type == s.U8:
        return {(0, 255): "byte", (0, 127): "sevenBits"}.get(limits, "partOfByte")
    return "positiveHalf" if limits == (0, 32767) else "partOfHalf"


def _is_seven_bit(model, tensor):
    for operation in model.operations:
        if operation.output == tensor:
            if hasattr(operation, "requantizer"):
                return operation.requantizer.output_max <= 127
            return all(_is_seven_bit(model, index) for index in operation.reads)
    return False
