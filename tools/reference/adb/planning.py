"""Places tensors and scratch areas of a model in the arena, first fit in order of use."""

from .checks import arena_extent, overlap, tensor_range


def plan(model, in_place=()):
    """Sets every offset and the arena's size.

    `in_place` holds pairs (output, tensor): the output takes the place of that tensor, which
    nothing may read afterwards.
    """
    taken_from = dict(in_place)
    last = len(model.operations)
    live_from = {index: -1 for index in model.inputs}
    live_to = {index: -1 for index in model.inputs}
    for position, operation in enumerate(model.operations):
        live_from[operation.output] = position
        live_to[operation.output] = position
        for index in operation.reads:
            live_to[index] = position
    for index in model.outputs:
        live_to[index] = last

    placed = []  # (range of bytes, first operation, last operation)

    def place(byte_count, start, end):
        offset = 0
        while True:
            area = (offset, offset + byte_count)
            blocking = [
                taken for taken, first, final in placed
                if first <= end and start <= final and overlap(taken, area)]
            if not blocking:
                placed.append((area, start, end))
                return offset
            offset = (max(taken[1] for taken in blocking) + 3) // 4 * 4

    for index in sorted(live_from, key=lambda index: (live_from[index], index)):
        tensor = model.tensors[index]
        if index in taken_from:
            tensor.arena_offset = model.tensors[taken_from[index]].arena_offset
            placed.append((tensor_range(model, index), live_from[index], live_to[index]))
        else:
            tensor.arena_offset = place(tensor.byte_count, live_from[index], live_to[index])
    for position, operation in enumerate(model.operations):
        if operation.scratch:
            start, end = operation.scratch
            operation.patch.scratch_offset = place(end - start, position, position)
    model.arena_byte_count = arena_extent(model)
    return model


def shareable_pairs(model):
    """Pairs (output, tensor) the sharing rules allow, for plan()."""
    last_read = {}
    for position, operation in enumerate(model.operations):
        for index in operation.reads:
            last_read[index] = position
    pairs = []
    for position, operation in enumerate(model.operations):
        for index in operation.shareable:
            if (last_read[index] == position and index not in model.outputs
                    and model.tensors[index].element_byte_count
                    == model.tensors[operation.output].element_byte_count):
                pairs.append((operation.output, index))
                break
    return pairs
