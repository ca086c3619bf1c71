"""The decoder: a file written by hand, and files it must refuse."""

import math
import struct
import unittest

import numpy as np

from adb import structures as s
from adb.encode import encode, with_checksum
from adb.format import decode
from adb.groups import Entry, Requantizer, Window
from adb.interpreter import run
from adb.operations import OPERATIONS, Flatten
from adb.reader import FormatError
from vectors.graph_cases import network_cases
from vectors.network import Network
from vectors.random_numbers import SplitMix64
from . import bytes_by_hand as hand


def patched(data, code, offset, value):
    """The file with one number replaced and the checksum made right again."""
    content = bytearray(data)
    struct.pack_into("<" + code, content, offset, value)
    return with_checksum(bytes(content))


def every_operation():
    """A file with an operation of every kind and every section, and its records by name."""
    network = Network("a file to corrupt")
    x = network.input(6, 6, 3)
    window = Window(3, 3, 1, 1, 1, 1, 1, 1)
    y = network.spread(x)
    y = network.adder2d(
        y, 5, window, conversion=(2, 100, 0, 255), output_type=s.I16, shift=3)
    z = network.conv2d(
        y, 5, window, bits=16, groups=5, residual=y, output_type=s.I16, weight_bits=3)
    z = network.add(y, z, s.I16)
    z = network.max_pool(z, Window(2, 2, 2, 2))
    z = network.average_pool(z, Window(3, 3, 1, 1, 1, 1, 1, 1), s.U8)
    w = network.upsample_nearest(z, 2, 1)
    z = network.pad(z, 1, 0, 2, 0)
    z = network.flatten(network.concat(z, w))
    model = network.case(z, named=True, normalized=True)[1]
    data = encode(model)
    offset = sections_of(data)[2][0]
    records = {}
    for operation in model.operations:
        records[operation.name] = offset
        offset += struct.unpack_from("<H", data, offset + 2)[0]
    return data, records


def sections_of(data):
    """Offset, byte count and offset of the table's record by kind."""
    count, = struct.unpack_from("<H", data, 6)
    sections = {}
    for record in range(32, 32 + 16 * count, 16):
        kind, offset, byte_count = struct.unpack_from("<III", data, record)
        sections[kind] = (offset, byte_count, record)
    return sections


class HandWrittenFileTests(unittest.TestCase):
    def test_a_file_written_by_hand_decodes_and_runs(self):
        model = decode(hand.adder_layer())
        self.assertEqual(model.arena_byte_count, 52)
        self.assertEqual(model.tensors[1], s.Tensor(
            arena_offset=12, height=1, width=2, channels=3, element_type=s.I32, zero_point=-7,
            scale=0.5))
        operation, = model.operations
        self.assertEqual(operation.window, Window(1, 2))
        self.assertEqual(
            operation.requantizer,
            Requantizer(
                table=[Entry(3, 1, [(-1, 1), (1, 0)])], shift=1, output_min=-2**31,
                output_max=2**31 - 1))
        self.assertEqual(operation.patch.pad_values.tolist(), [1, 2, 3])
        self.assertEqual(
            operation.filters.tolist(),
            [[[1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16], [255, 0, 255, 0, 255, 0]]])
        image = np.array([hand.IMAGE], np.uint8)
        for arena in (False, True):
            self.assertEqual(run(model, [image], arena=arena)[0].tolist(), [[hand.OUTPUTS]])

    def test_the_encoder_writes_the_same_bytes(self):
        self.assertEqual(encode(decode(hand.adder_layer())), hand.adder_layer())

    def test_its_filling_must_be_zero(self):
        data = hand.adder_layer()
        for offset in (hand.CONSTANTS + 20 + 18, hand.CONSTANTS + 20 + 36,
                       hand.OPERATIONS + 136, hand.CONSTANTS + 68):
            self.assertEqual(data[offset], 0)
            with self.assertRaises(FormatError):
                decode(patched(data, "B", offset, 1))

    def test_its_sums_and_maximum_must_be_those_of_its_filters(self):
        data = hand.adder_layer()
        filters = hand.CONSTANTS + 20
        # Both filters of the first pair, the lone one, and its partner that does not exist.
        for offset, expected in (
                (filters, 21), (filters + 4, 81), (filters + 24, 765), (filters + 28, 0)):
            for wrong in (expected + 1, expected + 2**16, expected + 2**31):
                with self.assertRaisesRegex(FormatError, "sum of a filter") as caught:
                    decode(patched(data, "I", offset, wrong))
                self.assertEqual(caught.exception.offset, offset)
        field = hand.OPERATIONS + 132
        for wrong in (254, 256, -1):
            with self.assertRaisesRegex(FormatError, "filterMaximum") as caught:
                decode(patched(data, "i", field, wrong))
            self.assertEqual(caught.exception.offset, field)


class RoundTripTests(unittest.TestCase):
    def test_decoded_networks_are_the_encoded_ones(self):
        for name, model, _ in network_cases():
            with self.subTest(name):
                decoded = decode(encode(model))
                self.assertEqual(repr(decoded), repr(model))
                self.assertEqual(encode(decoded), encode(model))


class CorruptionTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data, cls.records = every_operation()
        cls.sections = sections_of(cls.data)
        decode(cls.data)

    def refuse(self, data, what, offset=None):
        with self.assertRaises(FormatError, msg=what) as caught:
            decode(data)
        if offset is not None:
            self.assertEqual(caught.exception.offset, offset, f"{what}: {caught.exception}")

    def refuse_fields(self, base, fields):
        """Each field is (code, relative offset, wrong values)."""
        for code, relative, values in fields:
            for value in values:
                offset = base + relative
                self.refuse(
                    patched(self.data, code, offset, value), f"{relative}: {value}", offset)

    def test_truncation_at_every_byte(self):
        for length in range(len(self.data)):
            self.refuse(self.data[:length], f"{length} bytes")

    def test_truncation_at_every_byte_with_the_length_and_checksum_made_right(self):
        for length in range(16, len(self.data)):
            self.refuse(patched(self.data[:length], "I", 8, length), f"{length} bytes")

    def test_bytes_after_the_end(self):
        self.refuse(self.data + bytes(16), "longer than it says", 8)
        longer = self.data + bytes(16)
        self.refuse(patched(longer, "I", 8, len(longer)), "longer than its sections", 8)

    def test_a_wrong_checksum(self):
        for offset in (12, 16, 40, len(self.data) - 1):
            content = bytearray(self.data)
            content[offset] ^= 0x10
            self.refuse(bytes(content), f"byte {offset}", 12)

    def test_header(self):
        magic = struct.unpack_from("<I", self.data, 0)[0]
        self.refuse_fields(0, [
            ("I", 0, [magic ^ 1, magic ^ 1 << 31, 0]), ("H", 4, [0, 2, 256]),
            ("H", 6, [0, 3, 9, 17, 65535]), ("I", 8, [0, len(self.data) - 16, 2**32 - 1]),
            ("I", 16, [0, 2, 4, 2**32 - 4]), ("B", 20, [1]), ("B", 31, [255])])
        for count in (4, 5, 6, 8):
            self.refuse(patched(self.data, "H", 6, count), "another number of sections")

    def test_section_table(self):
        for kind, (start, byte_count, record) in self.sections.items():
            self.refuse_fields(record, [
                ("I", 0, [0, 9, 2**32 - 1]), ("I", 4, [0, start - 16, start + 4, start + 16])])
            # The padding after the constants may as well be constants that nothing reads.
            longer = [] if kind == 3 else [byte_count + 1]
            for wrong in (byte_count - 1, byte_count + 16, 2**32 - 1, *longer):
                self.refuse(
                    patched(self.data, "I", record + 8, wrong), f"section {kind}: {wrong}")
            for wrong in (-1, 1):
                count, = struct.unpack_from("<I", self.data, record + 12)
                if count + wrong >= 0:
                    self.refuse(patched(self.data, "I", record + 12, count + wrong),
                                f"section {kind} has {count + wrong} entries")
        first, second = self.sections[1][2], self.sections[2][2]
        self.refuse(patched(self.data, "I", second, 1), "kind 1 twice", second)
        self.refuse(patched(self.data, "I", first, 2), "kind 2 twice", second)

    def test_tensors(self):
        base = self.sections[1][0]
        height, = struct.unpack_from("<I", self.data, base + 8)
        self.refuse_fields(base, [
            ("I", 0, [1, 2]), ("I", 4, [0, 107, 2**28 + 1, 2**32 - 1]),
            ("I", 8, [0, 2**20 + 1]), ("I", 12, [0, 2**20 + 1]), ("I", 16, [0, 2**20 + 1]),
            ("B", 20, [0, 4]), ("B", 21, [1]), ("B", 23, [1]), ("i", 24, [-1, 256]),
            ("f", 28, [0.0, -1.0, math.inf, math.nan])])
        self.refuse(patched(self.data, "I", base + 8, height + 1), "height", base + 4)
        i16 = base + 32
        self.assertEqual(self.data[i16 + 20], s.I16)
        self.refuse_fields(i16, [("i", 24, [-32769, 32768])])

    def test_bindings(self):
        base = self.sections[4][0]
        self.refuse_fields(base, [("I", 0, [999, 1]), ("I", 4, [2]), ("I", 12, [2])])
        self.refuse(patched(self.data, "I", base + 12, 0), "no output")
        self.refuse(patched(self.data, "I", base + 4, 1), "no input")
        self.refuse(patched(self.data, "f", self.sections[1][0] + 28, 0.5), "scale", base)
        self.refuse(patched(self.data, "i", self.sections[1][0] + 24, 1), "zero point", base)

    def test_normalization_and_strings(self):
        base = self.sections[5][0]
        self.refuse_fields(base, [
            ("I", 0, [2, 4]), ("f", 4, [math.nan]), ("f", 16, [0.0, math.inf])])
        for kind in (6, 7):
            base, byte_count, _ = self.sections[kind]
            self.refuse_fields(base, [("B", 2, [0xFF, 0xC0])])
            self.refuse(patched(self.data, "H", base, 65535), "length of a string")
            self.refuse(patched(self.data, "H", base, 0), "length of a string")
            self.assertLess(base + byte_count, len(self.data) + 1)

    def test_layers(self):
        for name in ("adder2d", "conv2d"):
            base = self.records[name]
            self.refuse_fields(base, [
                ("H", 0, [0, max(OPERATIONS) + 1, 65535]), ("H", 2, [0, 128, 140]),
                ("I", 4, [99]), ("I", 8, [99]),
                # Window
                ("H", 12, [0, 4097]), ("H", 14, [0, 4097]), ("H", 16, [0, 4097]),
                ("H", 18, [0, 4097]), ("H", 20, [256]), ("H", 22, [256]), ("H", 24, [256]),
                ("H", 26, [256]), ("H", 28, [0, 4097]), ("H", 30, [0, 4097]), ("I", 32, [0]),
                ("I", 36, [0]), ("I", 40, [0]), ("I", 44, [0]), ("i", 48, [0, 1]),
                # Requantizer
                ("I", 52, [99]), ("I", 56, [1, 2, 2**32 - 4]), ("I", 60, [0, 2, 6]),
                ("B", 64, [32, 255]), ("B", 65, [2]), ("B", 66, [1]), ("B", 67, [1]),
                ("i", 68, [-32769, 32768]), ("i", 72, [-32769, 32768]),
                # Patch
                ("I", 76, [0, 2, 99]), ("I", 80, [0, 2, 99]), ("I", 84, [0, 2, 99]),
                ("B", 88, [0, 3]), ("B", 89, [2]), ("B", 91, [1]), ("I", 104, [0, 65536]),
                ("I", 108, [0]), ("I", 112, [1, 2**32 - 4]), ("I", 116, [2]),
                ("I", 120, [0]), ("I", 124, [1]), ("I", 128, [2, 2**32 - 4])])
            for field in (base + 4, base + 8):
                tensor, = struct.unpack_from("<I", self.data, field)
                place, = struct.unpack_from(
                    "<I", self.data, self.sections[1][0] + 32 * tensor)
                self.refuse(
                    patched(self.data, "I", base + 116, place), "scratch over a tensor", base)
            self.refuse(patched(self.data, "I", base + 116, 2**32 - 4), "scratch past the end")
        self.refuse_fields(self.records["adder2d"], [
            ("B", 90, [16]), ("i", 92, [-32769, 32768]), ("i", 96, [-1, 256]),
            ("i", 100, [-1, 256])])
        conv = self.records["conv2d"]
        self.refuse_fields(conv, [
            ("B", 90, [1]), ("i", 92, [1]), ("i", 96, [1]), ("i", 100, [1]),
            ("I", 132, [1])])
        digit_bytes, = struct.unpack_from("<I", self.data, conv + 132)
        for wrong in (digit_bytes - 2, digit_bytes + 2, 0, 2**32 - 2):
            self.refuse(patched(self.data, "I", conv + 132, wrong), f"{wrong} bytes of digits")
        self.refuse(
            patched(patched(self.data, "i", conv + 68, 5), "i", conv + 72, 4),
            "outputMax below outputMin", conv + 72)
        self.refuse(patched(self.data, "I", conv + 52, 0), "residual of another shape", conv + 52)

    def test_constants(self):
        constants = self.sections[3][0]
        adder, conv = self.records["adder2d"], self.records["conv2d"]
        table = constants + struct.unpack_from("<I", self.data, adder + 56)[0]
        self.refuse_fields(table, [("B", 8, [0x40, 0x20, 0x3F, 0xA0])])
        self.refuse(patched(self.data, "B", table + 8, 0xFF), "terms after the end", table + 9)
        digits = constants + struct.unpack_from("<I", self.data, conv + 128)[0]
        self.refuse_fields(digits, [("H", 0, [32, 65535]), ("H", 2, [10, 65535])])
        planes, = struct.unpack_from("<H", self.data, digits)
        self.refuse(patched(self.data, "H", digits, planes + 1), "one plane more")

    def test_digits_ascend_below_the_patch_length(self):
        network = Network("digits")
        x = network.input(2, 2, 1)
        y = network.conv2d(x, 1, Window(2, 2), planes=[[([1, 2], [0, 3])]])
        data = encode(network.case(y)[1])
        digits = sections_of(data)[3][0] + struct.unpack_from(
            "<I", data, sections_of(data)[2][0] + 128)[0]
        self.assertEqual(struct.unpack_from("<7H", data, digits), (1, 2, 2, 1, 2, 0, 3))
        for offset, values in ((6, (4, 65535)), (8, (0, 1, 4)), (10, (4,)), (12, (0, 4))):
            for value in values:
                self.refuse(
                    patched(data, "H", digits + offset, value), f"{offset}: {value}",
                    digits + offset)

    def test_other_operations(self):
        record = self.records
        self.refuse_fields(record["requantize"], [
            ("H", 2, [32]), ("I", 4, [99]), ("I", 8, [99]), ("I", 12, [0, 1]),
            ("I", 20, [2])])
        self.refuse_fields(record["add"], [
            ("H", 2, [40]), ("I", 4, [99]), ("I", 8, [99, 0]), ("I", 12, [99, 0]),
            ("I", 16, [0]), ("I", 24, [0, 5]), ("I", 40, [2, 2**32 - 4])])
        self.refuse_fields(record["maxPool"], [
            ("H", 2, [56]), ("I", 4, [99]), ("I", 8, [99]), ("H", 12, [0])])
        self.refuse_fields(record["averagePool"], [
            ("H", 2, [76]), ("I", 52, [0]), ("I", 60, [2]), ("I", 76, [2, 2**32 - 4])])
        self.refuse(patched(self.data, "I", record["averagePool"] + 76, 2**32 - 1), "expected 10")
        self.refuse_fields(record["concat"], [
            ("H", 2, [12, 16, 24]), ("I", 4, [99]), ("I", 8, [0, 1, 65, 2**32 - 1]),
            ("I", 12, [99, 0]), ("I", 16, [99])])
        self.refuse(patched(self.data, "I", record["concat"] + 8, 3), "three of two inputs")
        self.refuse_fields(record["upsampleNearest"], [
            ("H", 2, [12]), ("I", 4, [99]), ("H", 12, [0, 65]), ("H", 14, [0, 65])])
        self.refuse(patched(self.data, "H", record["upsampleNearest"] + 12, 3), "factor")
        self.refuse_fields(record["pad"], [
            ("H", 2, [20]), ("I", 4, [99]), ("H", 12, [256]), ("H", 14, [256]),
            ("H", 16, [256]), ("H", 18, [256]), ("I", 20, [2, 2**32 - 4])])
        self.refuse(patched(self.data, "H", record["pad"] + 12, 2), "padding")
        self.refuse_fields(record["flatten"], [
            ("H", 2, [16]), ("I", 4, [99]), ("I", 8, [99])])

    def test_order_of_writes(self):
        base = self.records["maxPool"]
        source, output = struct.unpack_from("<II", self.data, base + 4)
        self.refuse(patched(self.data, "I", base + 4, output), "read before it is written")
        network = Network("twice")
        x = network.input(2, 2, 1)
        y = network.flatten(x)
        network.operations.append(Flatten(x, y))
        self.refuse(encode(network.case(y)[1]), "written twice")
        network = Network("never")
        network.tensor((1, 1, 1), s.U8)
        x = network.input(1, 1, 1)
        model = s.Model(network.tensors, [], [x], [x], arena_byte_count=4)
        self.refuse(encode(model), "never written")

    def test_overlaps_within_an_operation(self):
        for name, shareable in (("flatten", False), ("requantize", True)):
            network = Network("overlap")
            x = network.input(2, 2, 2)
            y = network.flatten(x) if name == "flatten" else network.requantize(x, s.U8)
            model = network.case(y)[1]
            model.tensors[y].arena_offset = 4
            model.arena_byte_count = 12
            self.refuse(encode(model), "a part of the input")
            model.tensors[y].arena_offset = 0
            model.arena_byte_count = 8
            if shareable:
                self.assertEqual(decode(encode(model)).arena_byte_count, 8)
            else:
                self.refuse(encode(model), "the input's place")

    def test_mutated_files_are_refused_or_run(self):
        random = SplitMix64(6)
        refused = 0
        for _ in range(3000):
            content = bytearray(self.data)
            for _ in range(random.integer(1, 3)):
                content[random.integer(16, len(content) - 1)] = random.integer(0, 255)
            try:
                model = decode(with_checksum(bytes(content)))
            except FormatError:
                refused += 1
                continue
            shape = model.tensors[model.inputs[0]].shape
            run(model, [np.zeros((1, *shape), np.uint8)])
        self.assertGreater(refused, 1000)
        self.assertLess(refused, 3000)
