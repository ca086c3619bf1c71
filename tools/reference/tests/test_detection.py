"""The section *detection*: read, and refused where it is wrong."""

import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np

from adb.encode import encode
from adb.format import decode
from adb.reader import FormatError
from vectors.detectors import TABLE, Detector, put
from .test_format import patched, sections_of

TOOLS = pathlib.Path(__file__).resolve().parents[1]


def detector():
    """33 x 20 pixels; levels of stride 8 and 16, 3 classes."""
    network = Detector("detector", 33, 20, fraction_bits=5, candidates=50, boxes=40)
    fine = network.level(3, 3, threshold=9, class_shift=-2, distance_shift=1, centerness_shift=30)
    network.level(4, 3)
    put(fine, 1, 2, 2, 2**14, [64, 128, 32, 16])
    return network


class DetectionTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, cls.model, cls.image, _ = detector().case_of_boxes(named=True)
        cls.data = encode(cls.model)
        cls.base, cls.byte_count, cls.record = sections_of(cls.data)[8]
        # Tensors: the image, then an input and an output for each of the outputs.
        cls.outputs = cls.model.outputs

    def refuse(self, data, offset, sentence):
        with self.assertRaisesRegex(FormatError, sentence) as caught:
            decode(data)
        self.assertEqual(caught.exception.offset, offset, str(caught.exception))

    def refuse_field(self, code, relative, values, sentence):
        for value in values:
            with self.subTest(relative=relative, value=value):
                offset = self.base + relative
                self.refuse(patched(self.data, code, offset, value), offset, sentence)

    def test_fields_lie_as_the_document_says(self):
        self.assertEqual(self.byte_count, 16 + 2 * 20)
        header = struct.unpack_from("<BBHHHIf", self.data, self.base)
        table = header[5] + sections_of(self.data)[3][0]
        self.assertEqual(header[:5], (5, 128, 50, 40, 0))
        self.assertEqual(header[6], np.float32(0.05))
        self.assertEqual(self.data[table:table + 2050], TABLE.tobytes())
        self.assertEqual(
            struct.unpack_from("<IIIiBbbb", self.data, self.base + 16),
            (*self.outputs[:3], 9, 3, -2, 1, 30))
        self.assertEqual(
            struct.unpack_from("<IIIiBbbb", self.data, self.base + 36),
            (*self.outputs[3:], 0, 4, 0, 0, 0))

    def test_a_round_trip_keeps_it(self):
        decoded = decode(self.data)
        self.assertEqual(repr(decoded.detection), repr(self.model.detection))
        self.assertEqual(encode(decoded), self.data)
        decoded.detection = None
        self.assertIsNone(decode(encode(decoded)).detection)

    def test_the_table_of_sections(self):
        for offset, values, sentence in (
                (8, (55, 57, 64), "detection: byteCount is "),
                (12, (0, 17, 2**32 - 1), r"detection: entryCount is \d+, expected 1\.\.\.16"),
                (12, (1, 3), "detection: byteCount is 56, expected ")):
            for value in values:
                place = self.record + (8 if "byteCount" in sentence else 12)
                self.refuse(patched(self.data, "I", self.record + offset, value), place, sentence)

    def test_the_header(self):
        self.refuse_field("B", 0, (0, 9, 255), r"fractionBits is \d+, expected 1\.\.\.8")
        self.refuse_field("H", 2, (0, 4097), r"candidateLimit is \d+, expected 1\.\.\.4096")
        self.refuse_field("H", 4, (0, 51), r"boxLimit is \d+, expected 1\.\.\.50")
        self.refuse_field("H", 6, (1, 256), r"reserved is \d+, expected 0")
        self.refuse_field("I", 8, (1, 2), "expected a multiple of 4")
        constants = sections_of(self.data)[3][1]
        self.refuse_field(
            "I", 8, ((constants - 2046) // 4 * 4, 2**32 - 4), "2050 bytes end past")
        self.refuse_field("f", 12, (0.0, -0.5, 1.0, math.inf, math.nan), "scoreThreshold is")

    def test_fraction_bits_fit_the_image(self):
        for width, bits in ((255, 8), (256, 7), (2047, 5), (2048, 4), (32767, 1)):
            network = Detector("width", 1, width, fraction_bits=bits)
            network.level(10, 1)
            data = encode(network.case_of_boxes()[1])
            decode(data)
            base = sections_of(data)[8][0]
            self.refuse(patched(data, "B", base, bits + 1), base,
                        f"1 x {width} pixels are at most 65535 units" if bits < 8 else "1...8")

    def test_the_levels(self):
        count = len(self.model.tensors)
        for level in (16, 36):
            self.refuse_field("B", level + 16, (11, 255), r"strideShift is \d+, expected 0\.\.\.10")
            for stride_shift in (2, 6):
                self.refuse(patched(self.data, "B", self.base + level + 16, stride_shift),
                            self.base + level, "positions, expected ")
            for number, name in enumerate(("classes", "distances", "centerness")):
                place = level + 4 * number
                self.refuse_field("I", place, (count, 2**32 - 1), f"{name} is \\d+, expected 0...")
                self.refuse_field("I", place, (0, 1), f"{name} is tensor ., expected an output")
                # A tensor of the other level, and another one of this.
                others = self.outputs[3:] if level == 16 else self.outputs[:3]
                self.refuse_field("I", place, others, "positions, expected ")
                own = self.outputs[:3] if level == 16 else self.outputs[3:]
                wrong = [index for index in own if index != own[number]]
                if level == 16 and number == 0:
                    # Then the classes are 4 or 1, and the second level is in the wrong.
                    for index in wrong:
                        self.refuse(patched(self.data, "I", self.base + place, index),
                                    self.base + 36, "has 3 channels, expected ")
                else:
                    self.refuse_field("I", place, wrong, "channels, expected ")
            for number, name in enumerate(("class", "distance", "centerness")):
                self.refuse_field("b", level + 17 + number, (-24, 31, -128, 127),
                                  f"{name}Shift is -?\\d+, expected -23...30")

    def test_outputs_are_i32_with_the_zero_point_0(self):
        for position, index in enumerate(self.outputs):
            place = self.base + 16 + 20 * (position // 3) + 4 * (position % 3)
            record = sections_of(self.data)[1][0] + 32 * index
            self.refuse(patched(self.data, "i", record + 24, -1), place, "has the zero point -1")
        network = Detector("an image", 2, 2)
        network.level(0, 1)
        model = network.case_of_boxes()[1]
        model.outputs.append(0)
        network.detection.levels[0].centerness = 0
        data = encode(model)
        self.refuse(data, sections_of(data)[8][0] + 24, "tensor 0 is u8, expected i32")

    def test_the_first_fault_is_named_in_the_order_of_the_rules(self):
        # Each line is a fault that comes before those below it.
        faults = [
            ("B", 0, 0), ("H", 2, 0), ("H", 4, 0), ("H", 6, 1), ("I", 8, 2), ("f", 12, 0.0),
            ("B", 32, 11), ("I", 16, 999), ("I", 20, 999), ("I", 24, 999), ("b", 33, 31),
            ("b", 34, 31), ("b", 35, 31), ("B", 52, 11), ("I", 36, 0), ("I", 40, 0), ("I", 44, 0),
            ("b", 53, 31), ("b", 54, 31), ("b", 55, 31)]
        data = self.data
        for code, relative, value in reversed(faults):
            data = patched(data, code, self.base + relative, value)
            self.refuse(data, self.base + relative, "")


class ProgramTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        _, model, image, _ = detector().case_of_boxes(named=True)
        (self.folder / "model.adb").write_bytes(encode(model))
        self.inputs = []
        for number, values in enumerate(image):
            self.inputs.append(f"{number}.npy")
            batch = np.stack([values, np.full_like(values, 255)])  # elements of −1
            np.save(self.folder / self.inputs[-1], batch.transpose(0, 3, 1, 2))

    def program(self, name, *arguments):
        return subprocess.run(
            [sys.executable, str(TOOLS / name), *arguments], cwd=self.folder,
            capture_output=True, text=True, check=False)

    def test_boxes_are_printed_in_pixels(self):
        done = self.program("run_adb.py", "model.adb", *self.inputs, "--boxes")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        # At (20, 12), 2^14 << 2 is a logit of 1: √(σ(1)·σ(0)) = .6046; 64, 128, 32 and 16 units of
        # 1/64 pixel.
        self.assertEqual(done.stdout.splitlines(), [
            "image 0: 1 boxes of 1 candidates",
            f"  class 2, score 0.6046 ({-20530 - 45426}): left 19, top 10, right 20, bottom 12.25;"
            " level 0, candidate 0",
            "image 1: 0 boxes of 0 candidates"])

    def test_a_model_without_a_detection_and_no_capacity_are_refused(self):
        done = self.program("run_adb.py", "model.adb", *self.inputs, "--boxes", "--capacity", "0")
        self.assertEqual((done.returncode, done.stderr),
                         (65, "run_adb: capacity is 0, expected at least 1\n"))
        done = self.program("run_adb.py", "model.adb", *self.inputs, "--capacity", "5")
        self.assertEqual((done.returncode, done.stderr.splitlines()[-1]),
                         (2, "run_adb.py: error: --capacity needs --boxes"))
        model = decode((self.folder / "model.adb").read_bytes())
        model.detection = None
        (self.folder / "model.adb").write_bytes(encode(model))
        done = self.program("run_adb.py", "model.adb", *self.inputs, "--boxes")
        self.assertEqual((done.returncode, done.stderr),
                         (65, "run_adb: the model has no section 'detection'\n"))

    def test_describe_prints_the_section(self):
        done = self.program("describe_adb.py", "model.adb")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ("detection:", "     fraction_bits: 5", "     table: [1025] of uint16, 0 to 45426",
                     "  level 1:", "     centerness_shift: 30"):
            self.assertIn(f"\n{line}\n", done.stdout)
