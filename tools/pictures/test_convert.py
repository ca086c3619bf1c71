"""Tests of tools/images on pictures that are made here."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from PIL import Image

CONVERT = pathlib.Path(__file__).with_name("convert.py")


class ConvertTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_tool(self, *arguments):
        return subprocess.run(
            [sys.executable, CONVERT, *arguments], cwd=self.folder, capture_output=True, text=True)

    def picture(self, name, pixels, **options):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(pixels, np.uint8)).save(path, **options)

    def expect_failure(self, code, message, *arguments):
        result = self.run_tool(*arguments, "-o", "out.npy")
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertIn("tools/images: " + message, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertFalse((self.folder / "out.npy").exists())
        for line in result.stderr.splitlines():
            self.assertTrue(line.startswith("tools/images: "), line)

    def test_pixels_are_kept_with_channels_first_in_the_order_of_paths(self):
        pixels = np.random.default_rng(1).integers(0, 256, (3, 4, 5, 3))
        for index, picture in enumerate(pixels):
            self.picture(f"p/{2 - index}.png", picture)
        result = self.run_tool("p", "-o", "out.npy")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "out.npy: uint8 [3, 3, 4, 5]\n")
        array = np.load(self.folder / "out.npy")
        self.assertEqual(array.dtype, np.uint8)
        np.testing.assert_array_equal(array, pixels[::-1].transpose(0, 3, 1, 2))

    def test_jpeg_and_grey(self):
        self.picture("a.jpg", np.full((8, 8, 3), 100), quality=95)
        result = self.run_tool("a.jpg", "-o", "out.npy", "--gray")
        self.assertEqual(result.stderr, "tools/images: note: 1 colour pictures became gray\n")
        array = np.load(self.folder / "out.npy")
        self.assertEqual(array.shape, (1, 1, 8, 8))
        self.assertTrue((abs(array.astype(int) - 100) <= 1).all())

    def test_size(self):
        self.picture("a.png", np.full((10, 20), 7))
        self.picture("b.png", np.full((32, 32), 9))
        result = self.run_tool("a.png", "b.png", "-o", "out.npy", "--size", "16x24", "--gray")
        self.assertEqual(result.returncode, 0)
        self.assertIn("2 pictures had another aspect than --size", result.stderr)
        array = np.load(self.folder / "out.npy")
        self.assertEqual(array.shape, (2, 1, 16, 24))
        self.assertEqual([array[0].min(), array[0].max(), array[1].min()], [7, 7, 9])

    def test_labels_are_those_of_folders(self):
        for name, value in (("dog/1.png", 1), ("cat/2.png", 2), ("dog/0.png", 3)):
            self.picture("p/" + name, np.full((2, 2, 3), value))
        (self.folder / "p/notes.txt").write_text("no picture")
        result = self.run_tool(
            "p", "-o", "out.npy", "--labels", "labels.npy", "--classes", "names.txt")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            result.stderr,
            "tools/images: note: 1 files are no pictures by their names, such as p/notes.txt\n")
        labels = np.load(self.folder / "labels.npy")
        self.assertEqual(labels.dtype, np.int64)
        self.assertEqual(labels.tolist(), [0, 1, 1])
        self.assertEqual(np.load(self.folder / "out.npy")[:, 0, 0, 0].tolist(), [2, 3, 1])
        self.assertEqual((self.folder / "names.txt").read_text(), "cat\ndog\n")
        self.assertIn("0 cat, 1 dog", result.stdout)

    def test_refusals_name_file_finding_and_remedy(self):
        self.picture("a.png", np.zeros((4, 4, 3)))
        self.picture("b.png", np.zeros((5, 4, 3)))
        transparent = np.zeros((4, 4, 4))
        self.picture("t.png", transparent)
        Image.fromarray(np.zeros((4, 4), np.uint16)).save(self.folder / "deep.png")
        (self.folder / "broken.png").write_bytes((self.folder / "a.png").read_bytes()[:40])
        (self.folder / "text.png").write_text("no picture")
        (self.folder / "empty").mkdir()
        self.expect_failure(
            65, "b.png: 5x4 pixels, expected 4x4 as in a.png; give --size HxW", "a.png", "b.png")
        self.expect_failure(65, "t.png: is transparent in part, expected an opaque", "t.png")
        self.expect_failure(65, "deep.png: mode I;16, expected 8 bits a channel", "deep.png")
        self.expect_failure(65, "broken.png: cannot be read as a picture", "broken.png", "text.png")
        self.expect_failure(65, "text.png: cannot be read as a picture", "broken.png", "text.png")
        self.expect_failure(66, "none.png: no such file or folder", "none.png")
        self.expect_failure(66, "empty: holds no picture", "empty")
        self.expect_failure(64, "argument --size: '0x3', expected HxW", "a.png", "--size", "0x3")
        self.expect_failure(
            64, "--labels: a.png is in no folder of a class", "a.png", "--labels", "l.npy")
        result = self.run_tool("a.png", "-o", "none/out.npy")
        self.assertEqual(result.returncode, 73)
        self.assertIn("none/out.npy: cannot be created: No such file", result.stderr)
        self.assertEqual(self.run_tool("a.png", "-o", "out").returncode, 64)


if __name__ == "__main__":
    unittest.main()
