"""Models that contradict themselves, written by the encoder and refused by the decoder."""

import struct
import unittest
from unittest import mock

import numpy as np

from adb import limits, structures as s
from adb.encode import assemble, encode, with_checksum
from adb.format import decode
from adb.groups import Entry, Requantizer, Window
from adb.operations import ChannelShuffle, Flatten, Requantize
from adb.planning import plan
from adb.reader import FormatError
from vectors.network import Network
from .test_format import sections_of


class RefusalTests(unittest.TestCase):
    def refuse(self, data, sentence):
        with self.assertRaisesRegex(FormatError, sentence):
            decode(data)

    def refuse_model(self, network, outputs, sentence, inputs=None):
        model = s.Model(
            network.tensors, network.operations, inputs or network.inputs, list(outputs))
        self.refuse(encode(plan(model)), sentence)

    def layer(self, name, shape=(2, 2, 3), window=Window(1, 1), spread=False, **options):
        """A network of one adder2d, its output and the operation."""
        network = Network(name)
        x = network.input(*shape)
        if spread:
            x = network.spread(x)
        y = network.adder2d(x, 2, window, **options)
        return network, y, network.operations[-1]

    def test_sizes_that_are_not_whole(self):
        network = Network("sizes")
        data = encode(network.case(network.flatten(network.input(1, 1, 3)))[1])
        longer = bytearray(data + bytes(4))
        struct.pack_into("<I", longer, 8, len(longer))
        self.refuse(with_checksum(bytes(longer)), "fileByteCount is .* multiple of 16")
        odd = bytearray(data)
        struct.pack_into("<I", odd, 16, 7)
        self.refuse(with_checksum(bytes(odd)), "arenaByteCount is 7, .* multiple of 4")

    def test_a_missing_section(self):
        network = Network("sections")
        data = encode(network.case(network.flatten(network.input(1, 1, 3)), normalized=True)[1])
        sections = []
        for kind, (offset, byte_count, record) in sections_of(data).items():
            count, = struct.unpack_from("<I", data, record + 12)
            sections.append((kind, data[offset:offset + byte_count], count))
        self.assertEqual(assemble(sections, 8), data)
        for kind, name in enumerate(("tensors", "operations", "constants", "bindings"), 1):
            rest = [section for section in sections if section[0] != kind]
            self.refuse(assemble(rest, 8), f"section '{name}' is missing")

    def test_counts_beyond_their_limits(self):
        network = Network("tensors")
        x = network.input(1, 1, 1)
        for _ in range(4096):
            network.tensor((1, 1, 1), s.U8)
        model = s.Model(network.tensors, [], [x], [x])
        self.refuse(encode(model), "tensors: entryCount is 4097")
        model = s.Model(network.tensors[:1], [Flatten(x, x)] * 4097, [x], [x])
        self.refuse(encode(model), "operations: entryCount is 4097")
        model = s.Model(network.tensors[:1], [], [x], [x] * 64, arena_byte_count=4)
        self.refuse(encode(model), "bindings: entryCount is 65")
        model.outputs = [x] * 63
        self.assertEqual(decode(encode(model)).outputs, [x] * 63)
        model.outputs = []
        self.refuse(encode(model), "at least one input and one output")
        model.inputs = []
        self.refuse(encode(model), "bindings: entryCount is 0")

    def test_bindings_out_of_order_or_twice(self):
        network = Network("bindings")
        x, y = network.input(1, 1, 1), network.input(1, 1, 1)
        self.refuse_model(network, [x], "bound as an input twice", inputs=[x, y, x])
        network = Network("type")
        x = network.tensor((1, 1, 1), s.I16)
        self.refuse_model(network, [x], "is not of type u8", inputs=[x])
        network = Network("order")
        x, y = network.input(1, 1, 1), network.input(1, 1, 1)
        data = bytearray(encode(network.case(x)[1]))
        bindings = sections_of(data)[4][0]
        struct.pack_into("<6I", data, bindings, x, 0, x, 1, y, 0)
        self.refuse(with_checksum(bytes(data)), "an input follows an output")

    def test_names_of_another_number(self):
        network = Network("names")
        model = network.case(network.flatten(network.input(1, 1, 3)), named=True)[1]
        decode(encode(model))
        names, class_names = model.names, model.class_names
        for wrong in (names[1:], names + ["one more"]):
            model.names = wrong
            self.refuse(encode(model), f"names: entryCount is {len(wrong)}, expected 4")
        model.names, model.class_names = names, class_names[1:]
        self.refuse(encode(model), "class names: entryCount is 2, expected 3")

    def test_copies_that_change_the_element_type(self):
        def pool(network, x):
            network.max_pool(x, Window(1, 1))

        for append in (
                pool, lambda network, x: network.concat(x, x),
                lambda network, x: network.upsample_nearest(x, 1, 1),
                lambda network, x: network.pad(x, 0, 0, 0, 0),
                lambda network, x: network.flatten(x)):
            network = Network("types")
            append(network, network.input(1, 2, 3))
            network.tensors[-1].element_type = s.I16
            self.refuse_model(network, [1], "differ in element type")

    def test_windows_that_do_not_fit_their_tensors(self):
        network, y, operation = self.layer("fit", window=Window(2, 2))
        operation.window.kernel_height = 3
        self.refuse_model(network, [y], "the window gives an output")
        for change in ({"height": 2}, {"width": 3}):
            network, y, operation = self.layer("fit", window=Window(2, 2))
            for field, value in change.items():
                setattr(network.tensors[y], field, value)
            self.refuse_model(network, [y], "positions, expected 1 x 1")

    def test_element_types_of_layers(self):
        network, y, operation = self.layer("residual", shape=(2, 2, 2))
        network.tensors.append(s.Tensor(height=2, width=2, channels=2, element_type=s.I32))
        network.operations.insert(0, Requantize(0, 2, Requantizer(
            table=[Entry(0, 0, [])], shift=0, output_min=0, output_max=255)))
        operation.requantizer.residual = 2
        self.refuse_model(network, [y], "the residual's element type is not u8 or i16")
        network, y, operation = self.layer("u8 for i16")
        operation.patch.element_type = s.I16
        operation.filters = operation.filters.astype(np.int16)
        self.refuse_model(network, [y], "the input is u8, expected i16")
        network, y, operation = self.layer("conversion of u8")
        operation.patch.converts = True
        self.refuse_model(network, [y], "the input is u8, expected i16")
        network, y, operation = self.layer("no conversion", spread=True, bits=16)
        operation.patch.element_type = s.U8
        self.refuse_model(network, [y], "the input is i16, expected u8")

    def test_filters_of_negative_elements(self):
        # Neither the filling of the last word nor the missing partner counts as an element.
        for filters, maximum in (([-3, -1, -2], -1), ([-32768] * 3, -32768)):
            network = Network("negative")
            x = network.spread(network.input(1, 1, 3))
            y = network.adder2d(x, 1, Window(1, 1), bits=16, filters=filters)
            data = encode(network.case(y)[1])
            self.assertEqual(decode(data).operations[-1].filters.tolist(), [[filters]])
            record = sections_of(data)[2][0] + 36
            self.assertEqual(struct.unpack_from("<i", data, record + 132), (maximum,))
            wrong = bytearray(data)
            struct.pack_into("<i", wrong, record + 132, 0)
            self.refuse(with_checksum(bytes(wrong)), f"filterMaximum is 0, expected {maximum}")

    def test_a_patch_of_65536_elements(self):
        for rows, sentence in ((255, None), (256, "a patch has 65536 elements")):
            network = Network("long patch")
            x = network.input(rows, 256, 1)
            y = network.conv2d(x, 1, Window(rows, 256), planes=[[]])
            if sentence:
                self.refuse_model(network, [y], sentence)
            else:
                decode(encode(network.case(y)[1]))

    def test_pools_and_concatenations(self):
        for append in (Network.max_pool, Network.average_pool):
            network = Network("channels")
            y = append(network, network.input(2, 2, 3), Window(2, 2))
            network.tensors[y].channels = 2
            self.refuse_model(network, [y], "has 2 channels, expected 3")
        for padding in ((3, 0, 0, 0), (0, 3, 0, 0), (0, 0, 3, 0), (0, 0, 0, 3)):
            network = Network("padding")
            y = network.max_pool(network.input(5, 5, 1), Window(3, 3, 1, 1, *padding))
            self.refuse_model(network, [y], "is 3, expected less than the extent 3")
        for groups, of_a_group in ((3, 2), (2, 3), (0, 4)):
            network = Network("groups")
            y = network.copy(ChannelShuffle, network.input(1, 1, 4), groups, of_a_group)
            self.refuse_model(network, [y], "channels, expected 4 in all")
        network = Network("sum")
        y = network.concat(network.input(1, 1, 2), network.input(1, 1, 3))
        network.tensors[y].channels = 6
        self.refuse_model(network, [y], "has 6 channels, expected 5")

    def test_digits_that_end_too_early(self):
        for planes in ([], [[]], [[([0, 1], [2])]]):
            network = Network("digits")
            y = network.conv2d(network.input(1, 1, 3), 2, Window(1, 1), planes=planes)
            self.refuse_model(network, [y], "digits end before the number of planes")

    def test_a_tensor_read_before_it_is_written(self):
        network = Network("order")
        y = network.flatten(network.flatten(network.input(1, 1, 3)))
        network.operations.reverse()
        self.refuse_model(network, [y], "tensor 1 is read before it is written")

    def test_more_constants_than_may_be_examined(self):
        # Tables of 32 and 16 bytes, a pair of filters with 16, and four digits.
        network = Network("examined")
        y = network.adder2d(network.input(1, 1, 3), 2, Window(1, 1))
        y = network.conv2d(y, 1, Window(1, 1), planes=[[([], [0])]])
        data = encode(network.case(y)[1])
        for limit, sentence in ((72, None), (71, "72 bytes of constants to examine")):
            with mock.patch.object(limits, "EXAMINED_BYTES", limit):
                if sentence:
                    self.refuse(data, sentence)
                else:
                    decode(data)
