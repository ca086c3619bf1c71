"""Features of operations that move elements."""

from gathering import add_view_copy
from scaling import TYPES


def add_concat(features):
    first = 0
    for tensor in features.operation.inputs:
        channels = features.model.tensors[tensor].channels
        positions = features.output.height * features.output.width
        features.add("concat", 1, inputs=1, copies=positions)
        for index in range(positions):
            add_view_copy(
                features, index * channels, first + index * features.output.channels, channels)
        first += channels


def add_upsampleNearest(features):
    source = features.model.tensors[features.operation.input]
    rows, columns = features.operation.factor_height, features.operation.factor_width
    features.add("upsampleNearest", source.height, rows=1, output_rows=rows,
                 positions=rows * source.width, copies=rows * source.width * columns)
    target = 0
    for row in range(source.height * rows):
        for column in range(source.width * columns):
            index = row // rows * source.width + column // columns
            add_view_copy(features, index * source.channels, target, source.channels)
            target += source.channels


def add_pad(features):
    operation, source = features.operation, features.model.tensors[features.operation.input]
    features.add("pad", features.output.height, rows=1)
    inside = outside = target = 0
    for row in range(features.output.height):
        for column in range(features.output.width):
            is_inside = (0 <= row - operation.pad_top < source.height
                         and 0 <= column - operation.pad_left < source.width)
            add_view_copy(
                features, inside * source.channels if is_inside else 0, target, source.channels)
            target += source.channels
            inside += is_inside
            outside += not is_inside
    features.add("pad", 1, inside=inside, outside=outside)


def add_view_gather(features, calls, turns):
    """TensorView.gather of all elements, in so many calls."""
    output = features.output
    features.add("gather_view", calls, calls=1, turns=turns)
    features.add("gather_view", output.height * output.width * output.channels,
                 **{"elements_" + TYPES[output.element_type]: 1})


def add_flatten(features):
    add_view_gather(features, 1, features.model.tensors[features.operation.input].channels)


def add_depthToSpace(features):
    source, size = features.model.tensors[features.operation.input], features.operation.block_size
    features.add("depthToSpace", source.height, rows=1, output_rows=size,
                 blocks=size * source.width)
    add_view_gather(features, source.height * size * source.width, size)


def add_channelShuffle(features):
    positions = features.output.height * features.output.width
    features.add("channelShuffle", 1, positions=positions)
    add_view_gather(features, positions, features.operation.group_channels)


MOVING = {
    "concat": add_concat, "upsampleNearest": add_upsampleNearest, "pad": add_pad,
    "flatten": add_flatten, "depthToSpace": add_depthToSpace,
    "channelShuffle": add_channelShuffle}
