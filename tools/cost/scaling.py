"""Features of requantizers."""

from adb.structures import I16, I32, U8

TYPES = {U8: "uint8", I16: "int16", I32: "int32"}
TERMS_OF_A_HALF = 4


def term_counts(entry):
    """Of the terms of an entry, which are added in halves of four."""
    halves = [entry.terms[:TERMS_OF_A_HALF], entry.terms[TERMS_OF_A_HALF:]]
    return {
        **_signs(entry),
        "positive_ends": sum(bool(half) and half[-1][0] > 0 for half in halves),
        "negative_ends": sum(bool(half) and half[-1][0] < 0 for half in halves),
        "short_entries": int(not halves[1]),
        "long_entries": int(bool(halves[1])),
    }


def _signs(entry):
    return {"positive_terms": sum(sign > 0 for sign, _ in entry.terms),
            "negative_terms": sum(sign < 0 for sign, _ in entry.terms)}


def entries(features, channels, shared_entry=None):
    """Those of the channels of every group, or one for all."""
    operation = features.operation
    table = operation.requantizer.table
    groups = operation.patch.groups if hasattr(operation, "patch") else 1
    per_group = features.output.channels // groups
    for group in range(groups):
        for channel in channels:
            own = 0 if len(table) == 1 else group * per_group + channel
            yield table[own if shared_entry is None else shared_entry], groups


def add_pairs(features, range_name, tiles, channels):
    """PairScaler.store of channels, two at a time, `tiles` times, counted once a group."""
    for entry, groups in entries(features, channels):
        features.add("pairs", tiles // groups, **term_counts(entry))
    pairs = tiles * (len(channels) // 2)
    features.add("pairs", pairs, **{range_name: 1})
    if features.operation.requantizer.residual is not None:
        features.add("pairs", pairs, residuals=1)


def add_stores(features, tiles, channels, is_widened=False, shared_entry=None):
    """TileScaler.store of channels, one at a time, `tiles` times, counted once a group."""
    requantizer = features.operation.requantizer
    for entry, groups in entries(features, channels, shared_entry):
        if requantizer.wide:
            add_single_terms(features, "store.wide", 2 * (tiles // groups), entry, is_wide=True)
        else:
            features.add("store", tiles // groups, **term_counts(entry))
    calls = tiles * len(channels)
    part = "store.wide" if requantizer.wide else "store"
    features.add(part, calls, calls=1, **{TYPES[features.output.element_type]: 1})
    if requantizer.wide:
        features.add(part, calls, widened=int(is_widened), **wide_shift(requantizer))
    if requantizer.residual is not None:
        kind = TYPES[features.model.tensors[requantizer.residual].element_type]
        features.add(part, calls, **{"residuals_" + kind: 1})


def add_single_terms(features, part, times, entry, is_wide):
    """The terms of one number, one after the other."""
    features.add(part, times, **_signs(entry))
    if is_wide:
        for _, shift in entry.terms:
            features.add(part, times, **{_distance(shift) + "_terms": 1})


def wide_shift(requantizer):
    return {_distance(requantizer.shift) + "_shifts": 1}


def _distance(shift):
    """Shifts of 64 bits run differently by 0, less than a word, and more."""
    return "no" if shift == 0 else "near" if shift < 32 else "far"
