"""Runs a model element by element over Python integers, as the expected values of the tests.

Nothing here calls `adb.arithmetic` or `adb.operations`: sums and products are exact and wrap
once at the end of a line, taps are found by their row and column, term lists are multiplied out
to M, and planes to integer weights.
"""

from adb import structures as s


def wrapped(value, bits):
    """Modulo 2^bits, read as two's complement."""
    return (value + 2**(bits - 1)) % 2**bits - 2**(bits - 1)


def clamped(value, low, high):
    return low if value < low else high if value > high else value


def product_and_bias(acc, entry):
    factor = sum(sign * 2**shift for sign, shift in entry.terms)
    return factor * (acc - entry.centre) + entry.bias


def requantized(acc, channel, requantizer, residual=0):
    bits = 64 if requantizer.wide else 32
    entry = requantizer.table[channel if len(requantizer.table) > 1 else 0]
    v = wrapped(product_and_bias(acc, entry), bits) // 2**requantizer.shift
    return clamped(
        wrapped(v + residual, bits), requantizer.output_min, requantizer.output_max)


class Loops:
    """Tensors are lists of elements in the order of their element index."""

    def __init__(self, model):
        self.model = model
        self.values = {}

    def run(self, inputs):
        """`inputs` holds a list of bytes for each input; returns the outputs' elements."""
        self.values = dict(zip(self.model.inputs, inputs))
        for operation in self.model.operations:
            self.values[operation.output] = getattr(self, operation.name)(operation)
        return [list(self.values[index]) for index in self.model.outputs]

    def element(self, index, y, x, c):
        tensor = self.model.tensors[index]
        return self.values[index][(y * tensor.width + x) * tensor.channels + c]

    def positions(self, index):
        tensor = self.model.tensors[index]
        return [(y, x, c) for y in range(tensor.height) for x in range(tensor.width)
                for c in range(tensor.channels)]

    def window_taps(self, operation, oy, ox):
        """(row, column) of each tap, or None for a padded one."""
        window, source = operation.window, self.model.tensors[operation.input]
        for ky in range(window.kernel_height):
            row = oy * window.stride_height - window.pad_top + ky * window.dilation_height
            for kx in range(window.kernel_width):
                column = ox * window.stride_width - window.pad_left + kx * window.dilation_width
                inside = 0 <= row < source.height and 0 <= column < source.width
                yield (row, column) if inside else None

    def patch(self, operation, oy, ox, group):
        patch = operation.patch
        elements = []
        for tap in self.window_taps(operation, oy, ox):
            for channel in range(group * patch.input_channels,
                                 (group + 1) * patch.input_channels):
                if tap is None:
                    elements.append(int(patch.pad_values[channel]))
                    continue
                x = self.element(operation.input, *tap, channel)
                if patch.converts:
                    # Half of 2^inputShift, rounded down: 0 for no shift.
                    x = (x + 2**patch.input_shift // 2) // 2**patch.input_shift
                    x = clamped(wrapped(x + patch.input_offset, 32), patch.patch_min,
                                patch.patch_max)
                elements.append(x)
        return elements

    def layer(self, operation, sum_of):
        result = []
        patches = {}
        residual = operation.requantizer.residual
        for position, (oy, ox, o) in enumerate(self.positions(operation.output)):
            group, filter_index = divmod(o, operation.patch.output_channels)
            if (oy, ox, group) not in patches:
                patches[oy, ox, group] = self.patch(operation, oy, ox, group)
            acc = sum_of(patches[oy, ox, group], group, filter_index, o)
            result.append(requantized(
                acc, o, operation.requantizer,
                0 if residual is None else self.values[residual][position]))
        return result

    def adder2d(self, operation):
        filters = operation.filters.tolist()
        return self.layer(operation, lambda patch, group, filter_index, o: wrapped(
            sum(abs(x - f) for x, f in zip(patch, filters[group][filter_index])), 32))

    def conv2d(self, operation):
        weights = []
        for planes in operation.digits:
            row = {}
            for power, (added, subtracted) in enumerate(reversed(planes)):
                for tap in added:
                    row[tap] = row.get(tap, 0) + 2**power
                for tap in subtracted:
                    row[tap] = row.get(tap, 0) - 2**power
            weights.append(row)
        bits = 64 if operation.requantizer.wide else 32
        return self.layer(operation, lambda patch, group, filter_index, o: wrapped(
            sum(weight * patch[tap] for tap, weight in weights[o].items()), bits))

    def requantize(self, operation):
        return [requantized(self.element(operation.input, *position), position[2],
                            operation.requantizer)
                for position in self.positions(operation.input)]

    def add(self, operation):
        requantizer = operation.requantizer
        bits = 64 if requantizer.wide else 32
        return [
            clamped(
                wrapped(product_and_bias(first, requantizer.table[0])
                        + product_and_bias(second, operation.second_table[0]), bits)
                // 2**requantizer.shift,
                requantizer.output_min, requantizer.output_max)
            for first, second in zip(self.values[operation.first],
                                     self.values[operation.second])]

    def maxPool(self, operation):
        lowest = {s.U8: 0, s.I16: -2**15, s.I32: -2**31}[
            self.model.tensors[operation.input].element_type]
        return [
            max([self.element(operation.input, *tap, c)
                 for tap in self.window_taps(operation, oy, ox) if tap is not None],
                default=lowest)
            for oy, ox, c in self.positions(operation.output)]

    def averagePool(self, operation):
        bits = 64 if operation.requantizer.wide else 32
        if operation.pad_values is None:
            return [self.mean_inside(operation, bits, *place)
                    for place in self.positions(operation.output)]
        return [
            requantized(
                wrapped(sum(int(operation.pad_values[c]) if tap is None
                            else self.element(operation.input, *tap, c)
                            for tap in self.window_taps(operation, oy, ox)), bits),
                c, operation.requantizer)
            for oy, ox, c in self.positions(operation.output)]

    def mean_inside(self, operation, bits, oy, ox, c):
        inside = [self.element(operation.input, *tap, c)
                  for tap in self.window_taps(operation, oy, ox) if tap is not None]
        return requantized(wrapped(sum(inside), bits), len(inside), operation.requantizer)

    def concat(self, operation):
        origins = [
            (index, c) for index in operation.inputs
            for c in range(self.model.tensors[index].channels)]
        return [self.element(origins[c][0], y, x, origins[c][1])
                for y, x, c in self.positions(operation.output)]

    def upsampleNearest(self, operation):
        return [self.element(operation.input, y // operation.factor_height,
                             x // operation.factor_width, c)
                for y, x, c in self.positions(operation.output)]

    def depthToSpace(self, operation):
        size = operation.block_size
        return [self.element(operation.input, y // size, x // size,
                             c * size * size + y % size * size + x % size)
                for y, x, c in self.positions(operation.output)]

    def lookup(self, operation):
        source = self.model.tensors[operation.input]
        shift, size = operation.shift, 2**operation.segment_shift
        result = []
        for position in self.positions(operation.input):
            x = self.element(operation.input, *position)
            table = operation.tables[position[2] if len(operation.tables) > 1 else 0].tolist()
            if source.element_type == s.U8:
                v = table[x]
            else:
                first, second = table[(x + 32768) // size:][:2]
                between = first * size + (x + 32768) % size * (second - first)
                v = wrapped(between + (2**(shift - 1) if shift else 0), 32) // 2**shift
            result.append(clamped(v, operation.output_min, operation.output_max))
        return result

    def channelShuffle(self, operation):
        return [self.element(
            operation.input, y, x,
            c % operation.groups * operation.group_channels + c // operation.groups)
                for y, x, c in self.positions(operation.output)]

    def pad(self, operation):
        source = self.model.tensors[operation.input]
        result = []
        for y, x, c in self.positions(operation.output):
            row, column = y - operation.pad_top, x - operation.pad_left
            if 0 <= row < source.height and 0 <= column < source.width:
                result.append(self.element(operation.input, row, column, c))
            else:
                result.append(int(operation.pad_values[c]))
        return result

    def flatten(self, operation):
        source = self.model.tensors[operation.input]
        return [self.element(operation.input, y, x, c) for c in range(source.channels)
                for y in range(source.height) for x in range(source.width)]
