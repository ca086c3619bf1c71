"""Features of gathering patches and of copying."""

from adb.structures import ELEMENT_DTYPES


def add_copy(features, source, target, byte_count):
    """Memory.copy between two addresses."""
    is_aligned = (source | target) & 3 == 0
    if is_aligned and byte_count % 16 == 0:
        features.add("copy", 1, empty=int(byte_count == 0))
        add_blocks(features, byte_count)
        return
    blocks, words, ones = 0, 0, byte_count
    if is_aligned:
        blocks, words, ones = byte_count // 16, byte_count % 16 // 4, byte_count % 4
    features.add("copy", 1, calls=1, aligned_calls=int(is_aligned), words=words, bytes=ones)
    add_blocks(features, blocks * 16)


def add_blocks(features, byte_count):
    """Memory.copyBlocks."""
    features.add("copy", 1, block_runs=int(byte_count > 0), blocks=byte_count // 16)


def add_bytes(features, byte_count):
    """Memory.copyBytes."""
    features.add("copy_bytes", 1, runs=1, fours=byte_count // 4, ones=byte_count % 4)


def add_view_copy(features, source, target, count):
    """TensorView.copy between two indices of elements."""
    size = features.output.element_byte_count
    features.add("view", 1, copies=1)
    add_copy(features, source * size, target * size, count * size)


def add_conversion(features, plan, size, source, target, byte_count):
    """InputConversion.convert."""
    features.add("convert", 1, calls=1, empty=int(byte_count == 0))
    if size == 2:
        features.add("convert", byte_count // 2, int16=1)
    elif plan.converts_words and (source | target | byte_count) & 3 == 0:
        features.add("convert", 1, runs=int(byte_count > 0), words=byte_count // 4)
    else:
        features.add("convert", byte_count, uint8=1)


class Gatherer:
    """PatchGatherer: adds what each patch takes."""

    def __init__(self, features, plan):
        self.features, self.plan = features, plan
        operation = features.operation
        self.window, self.patch = operation.window, operation.patch
        self.source = features.model.tensors[operation.input]
        self.size = ELEMENT_DTYPES[self.patch.element_type].itemsize
        self.tap_bytes = self.patch.input_channels * self.size
        self.row_bytes = self.tap_bytes * self.window.kernel_width
        self.shared_bytes = self.tap_bytes * plan.shared_taps

    def address(self, row, column, channel=0):
        """Of an element of the input, modulo 4."""
        index = (row * self.source.width + column) * self.source.channels + channel
        return index * self.source.element_byte_count & 3

    def copy(self, source, target, byte_count):
        if self.patch.converts:
            add_conversion(self.features, self.plan, self.size, source, target, byte_count)
        elif self.plan.gathering == "bytes":
            add_bytes(self.features, byte_count)
        else:
            add_copy(self.features, source, target, byte_count)

    def pad(self, tap_count, target):
        for tap in range(tap_count):
            self.features.add("gather", 1, padded_taps=1)
            if self.plan.gathering == "bytes":
                add_bytes(self.features, self.tap_bytes)
            else:
                add_copy(self.features, 0, target + tap * self.tap_bytes, self.tap_bytes)
        return target + tap_count * self.tap_bytes

    def gather(self, row, column, target, has_previous):
        if self.plan.gathering == "taps":
            for group in range(self.patch.groups):
                self.gather_taps(row, column, group * self.patch.input_channels, target)
            return
        window, add = self.window, self.features.add
        tap_count, run_bytes = window.kernel_width, self.row_bytes
        shares = has_previous and self.plan.shared_taps > 0
        if shares:
            column += self.plan.shared_taps
            tap_count -= self.plan.shared_taps
            run_bytes -= self.shared_bytes
        last_row = row + window.dilation_height * (window.kernel_height - 1)
        is_inside = (0 <= column and column + tap_count <= self.source.width
                     and 0 <= row and last_row < self.source.height)
        if is_inside and self.plan.gathering == "blocks":
            rows = window.kernel_height
            add("gather", 1, block_patches=1, block_rows=rows, shared_block_rows=rows * shares)
            for _ in range(rows):
                if shares:
                    add_blocks(self.features, self.shared_bytes)
                if self.patch.converts:
                    add("convert", 1, block_runs=1, words=run_bytes // 4)
                else:
                    add_blocks(self.features, run_bytes)
        elif is_inside and self.plan.gathering == "bytes":
            add("gather", 1, byte_patches=1, byte_rows=window.kernel_height)
            for _ in range(window.kernel_height):
                add_bytes(self.features, self.row_bytes)
        else:
            self.gather_runs(row, column, tap_count, target, shares)

    def gather_runs(self, row, column, tap_count, target, shares):
        window, add = self.window, self.features.add
        left = min(tap_count, max(0, -column))
        inside = min(tap_count - left, max(0, self.source.width - column - left))
        add("gather", 1, run_patches=1, left_taps=left, inside_taps=inside)
        for tap_row in range(window.kernel_height):
            place = row + tap_row * window.dilation_height
            if shares:
                add("gather", 1, shared_run_rows=1)
                add_copy(self.features, target + self.row_bytes - self.shared_bytes, target,
                         self.shared_bytes)
                target += self.shared_bytes
            if 0 <= place < self.source.height:
                add("gather", 1, run_rows=1)
                target = self.pad(left, target)
                self.copy(self.address(place, column + left), target, inside * self.tap_bytes)
                target = self.pad(
                    tap_count - left - inside, target + inside * self.tap_bytes)
            else:
                add("gather", 1, padded_rows=1)
                target = self.pad(tap_count, target)

    def gather_taps(self, row, column, channel, target):
        window, add = self.window, self.features.add
        add("gather", 1, tap_patches=1, tap_rows=window.kernel_height)
        for tap_row in range(window.kernel_height):
            place = row + tap_row * window.dilation_height
            for tap in range(window.kernel_width):
                side = column + tap * window.dilation_width
                if 0 <= place < self.source.height and 0 <= side < self.source.width:
                    add("gather", 1, taps=1)
                    self.copy(self.address(place, side, channel), target, self.tap_bytes)
                else:
                    add("gather", 1, outside_taps=1)
                    add_copy(self.features, channel * self.size, target, self.tap_bytes)
                target += self.tap_bytes


def add_gathering(features, plan):
    """Of all patches of a filter layer."""
    gatherer = Gatherer(features, plan)
    window, output = gatherer.window, features.output
    for row in range(output.height):
        for column in range(output.width):
            gatherer.gather(
                row * window.stride_height - window.pad_top,
                column * window.stride_width - window.pad_left, 0, has_previous=column > 0)
