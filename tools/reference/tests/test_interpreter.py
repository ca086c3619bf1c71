"""Batches, the arena and the programs."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

from adb import interpreter, structures as s
from adb.checks import live_range_conflicts
from adb.encode import encode
from adb.format import decode
from adb.groups import Window
from adb.operations import layer
from vectors.network import Network

TOOLS = pathlib.Path(__file__).resolve().parents[1]


def small_model():
    """u8 [4, 5, 3] to i32 [2, 3, 4] and u8 [4, 5, 3]."""
    network = Network("small model")
    x = network.input(4, 5, 3)
    y = network.map(x, s.U8, [(1, 0)], bias=3)
    z = network.adder2d(y, 4, Window(3, 3, 2, 2, 1, 1, 1, 1), output_type=s.I32)
    z = network.requantize(z, s.I32)
    model = network.case(z, y, named=True)[1]
    return decode(encode(model))


def images(count, *shape):
    return np.random.default_rng(5).integers(0, 256, (count, *shape), dtype=np.uint8)


class BatchTests(unittest.TestCase):
    def test_a_batch_equals_its_images_alone_however_it_is_split(self):
        model, batch = small_model(), images(7, 4, 5, 3)
        alone = [interpreter.run(model, [batch[i:i + 1]]) for i in range(len(batch))]
        expected = [np.concatenate(values) for values in zip(*alone)]
        saved = interpreter.ACTIVATION_BYTE_BUDGET, layer.POSITIONS_PER_STEP
        try:
            for budget, positions in (saved, (1, 1), (1000, 12), (10**9, 1)):
                interpreter.ACTIVATION_BYTE_BUDGET = budget
                layer.POSITIONS_PER_STEP = positions
                for arena in (False, True):
                    for values, wanted in zip(
                            interpreter.run(model, [batch], arena=arena), expected):
                        np.testing.assert_array_equal(values, wanted)
        finally:
            interpreter.ACTIVATION_BYTE_BUDGET, layer.POSITIONS_PER_STEP = saved

    def test_no_images_give_no_rows(self):
        model = small_model()
        shapes = [values.shape for values in interpreter.run(model, [images(0, 4, 5, 3)])]
        self.assertEqual(shapes, [(0, 2, 3, 4), (0, 4, 5, 3)])

    def test_wrong_inputs_are_refused(self):
        model = small_model()
        for inputs in ([], [images(1, 4, 5, 3)] * 2, [images(1, 5, 4, 3)],
                       [images(1, 4, 5, 3).astype(np.int16)]):
            with self.assertRaises(ValueError):
                interpreter.run(model, inputs)


class ArenaTests(unittest.TestCase):
    def chain(self):
        network = Network("chain")
        x = network.input(4, 4, 3)
        kept = network.requantize(x, s.U8)
        y = network.adder2d(kept, 3, Window(1, 1), output_type=s.U8)
        z = network.adder2d(y, 3, Window(1, 1), output_type=s.U8)
        return network.case(network.concat(z, kept))[1], kept, z

    def test_a_planner_that_overwrites_a_tensor_is_caught(self):
        model, kept, z = self.chain()
        batch = [images(3, 4, 4, 3)]
        right = interpreter.run(model, batch)[0]
        np.testing.assert_array_equal(interpreter.run(model, batch, arena=True)[0], right)
        self.assertEqual(live_range_conflicts(model), [])
        model.tensors[z].arena_offset = model.tensors[kept].arena_offset
        self.assertEqual(
            live_range_conflicts(model),
            [f"tensor {z} overwrites tensor {kept}, which is used later"])
        np.testing.assert_array_equal(interpreter.run(model, batch)[0], right)
        wrong = interpreter.run(model, batch, arena=True)[0]
        self.assertTrue((wrong != right).any())

    def test_a_scratch_area_over_a_live_tensor_is_caught(self):
        model, kept, _ = self.chain()
        batch = [images(3, 4, 4, 3)]
        right = interpreter.run(model, batch)[0]
        model.operations[2].patch.scratch_offset = model.tensors[kept].arena_offset
        self.assertEqual(
            live_range_conflicts(model),
            [f"scratch of operation 2 overwrites tensor {kept}"])
        wrong = interpreter.run(model, batch, arena=True)[0]
        self.assertTrue((wrong != right).any())


class ProgramTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = small_model()
        (self.folder / "model.adb").write_bytes(encode(self.model))
        self.batch = images(5, 4, 5, 3)
        np.save(self.folder / "images.npy", self.batch.transpose(0, 3, 1, 2))

    def program(self, name, *arguments):
        return subprocess.run(
            [sys.executable, str(TOOLS / name), *arguments], cwd=self.folder,
            capture_output=True, text=True, check=False)

    def test_outputs_are_rows_in_the_order_of_channel_row_and_column(self):
        done = self.program("run_adb.py", "model.adb", "images.npy", "-o", "out.npy")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = np.load(self.folder / "out.npy")
        z, y = interpreter.run(self.model, [self.batch])
        self.assertEqual((rows.dtype, rows.shape), (np.int32, (5, 24 + 60)))
        for image in range(5):
            self.assertEqual(rows[image, 1 * 6 + 1 * 3 + 2], z[image, 1, 2, 1])
            self.assertEqual(rows[image, 24 + 2 * 20 + 3 * 5 + 4], y[image, 3, 4, 2])

    def test_compare_says_where_integers_differ(self):
        self.program("run_adb.py", "model.adb", "images.npy", "-o", "out.npy")
        done = self.program(
            "run_adb.py", "model.adb", "images.npy", "--compare", "out.npy", "--arena")
        self.assertEqual((done.returncode, done.stdout), (0, "5 images, 84 outputs each: equal\n"))
        rows = np.load(self.folder / "out.npy")
        rows[3, 70] += 1
        np.save(self.folder / "other.npy", rows)
        arguments = ("run_adb.py", "model.adb", "images.npy", "--compare", "other.npy")
        done = self.program(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 of 420 values in 1 images differ; the first is image 3, output 70",
                      done.stderr)
        self.assertEqual(self.program(*arguments, "--limit", "3").returncode, 0)
        np.save(self.folder / "other.npy", rows[:, 1:])
        self.assertEqual(self.program(*arguments).returncode, 1)

    def test_images_of_one_channel_need_no_channel_axis(self):
        network = Network("one channel")
        model = network.case(network.flatten(network.input(2, 3, 1)))[1]
        (self.folder / "model.adb").write_bytes(encode(model))
        batch = images(4, 2, 3)
        np.save(self.folder / "images.npy", batch)
        self.program("run_adb.py", "model.adb", "images.npy", "-o", "out.npy")
        np.testing.assert_array_equal(
            np.load(self.folder / "out.npy"), batch.reshape(4, 6).astype(np.int32))

    def test_bad_files_are_refused_with_a_sentence(self):
        (self.folder / "bad.adb").write_bytes(encode(self.model)[:-1])
        np.save(self.folder / "bad.npy", self.batch)
        np.savez(self.folder / "several.npz", self.batch)
        (self.folder / "empty.npy").write_bytes(b"")
        for arguments, sentence in (
                (("run_adb.py", "bad.adb", "images.npy"), "bad.adb: byte 8: fileByteCount"),
                (("run_adb.py", "model.adb", "bad.npy"), "expected [N, 3, 4, 5]"),
                (("run_adb.py", "model.adb", "none.npy"), "No such file"),
                (("run_adb.py", "model.adb", "empty.npy"), "empty.npy: not a .npy file"),
                (("run_adb.py", "model.adb", "several.npz"), "several.npz: not a .npy file"),
                (("run_adb.py", "model.adb", "images.npy", "images.npy"), "expected 1"),
                (("describe_adb.py", "bad.adb"), "bad.adb: byte 8: fileByteCount")):
            done = self.program(*arguments)
            self.assertEqual(done.returncode, 65)
            self.assertIn(sentence, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_describe_prints_tensors_and_operations(self):
        done = self.program("describe_adb.py", "model.adb")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("model 'small model'", done.stdout)
        self.assertIn("0: u8 [4, 5, 3] at ", done.stdout)
        self.assertIn("1: adder2d layer.1", done.stdout)
        self.assertIn("arena conflicts: none", done.stdout)
