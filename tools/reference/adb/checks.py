"""Checks over all operations: order of writes, sharing of arena memory, size of the arena."""

from .reader import FormatError
from .structures import BINDING, Tensor


def check_data_flow(model, operation_offsets, tensors_offset, bindings_offset):
    """Each tensor is written once, before it is read."""
    written = set()
    for position, index in enumerate(model.inputs):
        if index in written:
            raise FormatError(
                bindings_offset + BINDING.byte_count * position,
                f"tensor {index} is bound as an input twice")
        written.add(index)
    for operation, offset in zip(model.operations, operation_offsets):
        for index in operation.reads:
            if index not in written:
                raise FormatError(offset, f"tensor {index} is read before it is written")
        if operation.output in written:
            raise FormatError(offset, f"tensor {operation.output} is written twice")
        written.add(operation.output)
    for index in range(len(model.tensors)):
        if index not in written:
            raise FormatError(
                tensors_offset + Tensor.layout.byte_count * index,
                f"tensor {index} is never written")


def tensor_range(model, index):
    """First byte and end of a tensor in the arena."""
    tensor = model.tensors[index]
    return tensor.arena_offset, tensor.arena_offset + tensor.byte_count


def overlap(first, second):
    return first[0] < second[1] and second[0] < first[1]


def check_sharing(model, operation_offsets):
    """An operation's output and scratch overlap nothing it reads, with the stated exceptions."""
    for operation, offset in zip(model.operations, operation_offsets):
        output = tensor_range(model, operation.output)
        scratch = operation.scratch
        for index in operation.reads:
            area = tensor_range(model, index)
            if overlap(area, output) and not (index in operation.shareable and _same_place(
                    model.tensors[index], model.tensors[operation.output])):
                raise FormatError(
                    offset, f"output tensor {operation.output} overlaps tensor {index}")
            if scratch and overlap(area, scratch):
                raise FormatError(offset, f"scratch overlaps tensor {index}")
        if scratch and overlap(output, scratch):
            raise FormatError(offset, f"scratch overlaps output tensor {operation.output}")


def _same_place(first, second):
    return (first.arena_offset == second.arena_offset
            and first.element_byte_count == second.element_byte_count)


def arena_extent(model):
    """The largest end of any tensor or scratch area, rounded up to a multiple of 4."""
    ends = [tensor_range(model, index)[1] for index in range(len(model.tensors))]
    ends += [operation.scratch[1] for operation in model.operations if operation.scratch]
    return (max(ends) + 3) // 4 * 4


def check_arena_extent(model, header):
    header.expect("arenaByteCount", arena_extent(model))


def live_range_conflicts(model):
    """Pairs of areas that are in use at once and overlap, as sentences; empty if planned well.

    The document leaves this to the compiler: such a file runs safely, to wrong values. `decode`
    does not refuse it.
    """
    last = len(model.operations)
    first_use = {index: -1 for index in model.inputs}
    last_use = {}
    for position, operation in enumerate(model.operations):
        first_use[operation.output] = position
        last_use[operation.output] = position
        for index in operation.reads:
            last_use[index] = position
    last_use.update({index: last for index in model.outputs})
    for index in model.inputs:
        last_use.setdefault(index, -1)
    conflicts = []
    order = sorted(first_use, key=lambda index: (first_use[index], index))
    for position, second in enumerate(order):
        for first in order[:position]:
            # A tensor read last where another is first written may share its place: the rules
            # of one operation are check_sharing's.
            alive = (last_use[first] > first_use[second]
                     or first_use[first] == first_use[second])
            if alive and overlap(tensor_range(model, first), tensor_range(model, second)):
                conflicts.append(f"tensor {second} overwrites tensor {first}, which is used later")
    for position, operation in enumerate(model.operations):
        scratch = operation.scratch
        for index in order if scratch else []:
            if (first_use[index] < position < last_use[index]
                    and overlap(tensor_range(model, index), scratch)):
                conflicts.append(
                    f"scratch of operation {position} overwrites tensor {index}")
    return conflicts
