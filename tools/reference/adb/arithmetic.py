"""Modular integers, the requantizer and patches of docs/arithmetic.md, over numpy arrays.

Sums are formed in unsigned types, where numpy defines the wrap-around, and read as two's
complement afterwards.
"""

import numpy as np

NARROW = (np.uint32, np.int32)
WIDE = (np.uint64, np.int64)


def integers(wide):
    """The unsigned and the signed type of narrow or wide arithmetic."""
    return WIDE if wide else NARROW


def modular(values, wide):
    """Integers as residues modulo 2^32 or 2^64."""
    unsigned, signed = integers(wide)
    values = np.asarray(values)
    if values.dtype == unsigned:
        return values
    return values.astype(signed).view(unsigned)


def constants(values, wide):
    """Python integers as residues."""
    unsigned, _ = integers(wide)
    modulus = 2**64 if wide else 2**32
    return np.array([value % modulus for value in values], dtype=unsigned)


def signed(residues):
    """Residues read as two's complement."""
    return residues.view(np.int64 if residues.dtype == np.uint64 else np.int32)


def product_of_terms(t, terms_of_channels):
    """p = sum of s * (t << k) over each channel's terms; `t` is [..., channels], residues."""
    dtype = t.dtype.type
    p = np.zeros_like(t)
    for position in range(max(len(terms) for terms in terms_of_channels)):
        # One term of each channel at a time; a channel with fewer terms adds nothing.
        padded = [
            terms[position] if position < len(terms) else (0, 0) for terms in terms_of_channels]
        signs = np.array([sign for sign, _ in padded])
        shifted = t << np.array([shift for _, shift in padded], dtype=dtype)
        if (signs >= 0).all():
            p += shifted * signs.astype(dtype)
        else:
            p += np.where(signs > 0, shifted, np.where(signs < 0, dtype(0) - shifted, dtype(0)))
    return p


def scaled(acc, entries, wide):
    """p + bias of each element of `acc` [..., channels], as residues."""
    centre = constants([entry.centre for entry in entries], wide)
    bias = constants([entry.bias for entry in entries], wide)
    t = modular(acc, wide) - centre
    return product_of_terms(t, [entry.terms for entry in entries]) + bias


def shifted_right(residues, shift):
    """The arithmetic shift: floor(v / 2^shift)."""
    values = signed(residues)
    return values >> values.dtype.type(shift)


def clamp(values, low, high):
    return np.minimum(np.maximum(values, low), high)


def requantize(acc, requantizer, residual=None):
    """Turns sums [..., channels], signed integers, into elements (not yet narrowed)."""
    v = shifted_right(scaled(acc, requantizer.table, requantizer.wide), requantizer.shift)
    if residual is not None:
        # The text names the modulus for what precedes the clamp; so the sum inside it wraps too.
        wide = requantizer.wide
        v = signed(modular(v, wide) + modular(residual, wide))
    return clamp(v, requantizer.output_min, requantizer.output_max)


def convert(x, patch):
    """Elements of an i16 input as elements of the patch's type."""
    half = 1 << (patch.input_shift - 1) if patch.input_shift else 0
    rounded = shifted_right(modular(x, False) + constants([half], False), patch.input_shift)
    moved = signed(modular(rounded, False) + constants([patch.input_offset], False))
    return clamp(moved, patch.patch_min, patch.patch_max)


def padded(x, pad_top, pad_left, pad_bottom, pad_right, pad_values):
    """`x` [N, H, W, C] with a border of one value a channel."""
    count, height, width, channels = x.shape
    result = np.empty(
        (count, height + pad_top + pad_bottom, width + pad_left + pad_right, channels), x.dtype)
    result[...] = pad_values
    result[:, pad_top:pad_top + height, pad_left:pad_left + width] = x
    return result


def taps(x, window, pad_values):
    """For each (ky, kx), rows first, the tap of every output position: [N, oh, ow, C]."""
    height, width = window.output_extent(x.shape[1], x.shape[2])
    bordered = padded(
        x, window.pad_top, window.pad_left, window.pad_bottom, window.pad_right, pad_values)
    for ky in range(window.kernel_height):
        row = ky * window.dilation_height
        rows = slice(row, row + (height - 1) * window.stride_height + 1, window.stride_height)
        for kx in range(window.kernel_width):
            column = kx * window.dilation_width
            columns = slice(
                column, column + (width - 1) * window.stride_width + 1, window.stride_width)
            yield bordered[:, rows, columns]


def patches(x, window, patch, group, dtype):
    """The patches of one group, as [K, N * oh * ow]: one row for each patch element."""
    if patch.converts:
        x = convert(x, patch)
    channels = slice(group * patch.input_channels, (group + 1) * patch.input_channels)
    height, width = window.output_extent(x.shape[1], x.shape[2])
    result = np.empty(
        (window.kernel_height * window.kernel_width, patch.input_channels,
         x.shape[0] * height * width), dtype)
    group_input = x[..., channels].astype(dtype)
    for tap, elements in enumerate(taps(group_input, window, patch.pad_values[channels])):
        result[tap] = elements.transpose(3, 0, 1, 2).reshape(patch.input_channels, -1)
    return result.reshape(-1, result.shape[2])
