#!/usr/bin/env python3
"""Tests of comparing published layers with cycles, on files made up by hand."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

import primitives  # noqa: E402

COLUMNS = ("DSP,Layer type,Kernel size,Latency (s),Total_Instructions,Load_Ratio,Store_Ratio,"
           "Branch_Ratio,MAC_Ratio")
# 1,000 instructions: 200 loads, 100 stores, 100 branches, 100 products, 500 others take
# 400 + 100 + 400 + 100 + 500 = 1,500 cycles, 1/56,000 s at 84 MHz.
ROW = f"SIMD,Conv,3,{1 / 56000!r},1000,.2,.1,.1,.1"


class Primitives(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, *lines, encoding="utf-8"):
        path = pathlib.Path(self.folder.name) / "layers.csv"
        path.write_text("".join(line + "\n" for line in lines), encoding=encoding)
        return path

    def run_tool(self, path):
        return subprocess.run([sys.executable, FOLDER / "validate", "--primitives", path],
                              capture_output=True, text=True, check=False)

    def test_cycles_are_those_of_the_classes(self):
        layer, = primitives.read(self.file(COLUMNS, ROW))
        self.assertAlmostEqual(layer.measured, 1500)
        self.assertAlmostEqual(layer.cycles(), 1500)
        self.assertAlmostEqual(layer.cycles(branch=3, other=2), 1900)
        self.assertAlmostEqual(layer.error(branch=3), -100 / 15)

    def test_other_instructions_are_fitted_on_other_types(self):
        # Others took 1.5 cycles in one type and 2 in another, so that each is predicted by the
        # other's: 1,750 and 2,000 cycles, 250 off either way.
        rows = [ROW.replace("Conv", kind).replace(repr(1 / 56000), repr(cycles / 84e6))
                for kind, cycles in (("Conv", 1750), ("Add", 2000))]
        layers = primitives.read(self.file(COLUMNS, *rows))
        error, least, most = primitives.cross_validated(layers, branch=4)
        self.assertAlmostEqual(error, (100 * 250 / 1750 + 100 * 250 / 2000) / 2)
        self.assertAlmostEqual(least, 1.5)
        self.assertAlmostEqual(most, 2)

    def test_the_status_says_whether_the_mean_is_within_the_bound(self):
        for scale, status in ((1, 0), (1.069, 0), (0.931, 0), (1.08, 1), (0.92, 1)):
            run = self.run_tool(self.file(COLUMNS, ROW.replace(",1000,", f",{1000 * scale},")))
            self.assertEqual((run.returncode, run.stderr), (status, ""), scale)

    def test_what_is_no_such_file_is_refused_in_a_line(self):
        for lines, message in [
                ((), "row 1: nothing, expected the columns DSP, Layer type"),
                ((COLUMNS,), "row 2: nothing, expected a row for each layer"),
                ((COLUMNS.replace("MAC", "MUL"), ROW), "expected MAC_Ratio, too"),
                ((COLUMNS, ROW, ROW.replace(",1000,", ",many,")),
                 "row 3: Total_Instructions: 'many', expected a finite number above 0"),
                ((COLUMNS, ROW.replace(repr(1 / 56000), "0")),
                 "row 2: Latency (s): 0, expected a finite number above 0"),
                ((COLUMNS, ROW.replace(repr(1 / 56000), "nan")), "row 2: Latency (s): nan, exp"),
                ((COLUMNS, ROW.replace(repr(1 / 56000), "inf")), "row 2: Latency (s): inf, exp"),
                ((COLUMNS, ROW.rsplit(",", 1)[0]),
                 "row 2: MAC_Ratio: nothing, expected a number of 0 to 1"),
                ((COLUMNS, ROW + ",5"), "row 2: more cells than columns, the first '5'"),
                ((COLUMNS, ROW.replace(",.2,", ",1.2,")),
                 "row 2: Load_Ratio: 1.2, expected a number of 0 to 1"),
                ((COLUMNS, ROW.replace(",.2,", ",.9,")),
                 "row 2: shares that sum to 1.2, expected at most 1")]:
            run = self.run_tool(self.file(*lines))
            self.assertEqual(run.returncode, 65, message)
            self.assertEqual(run.stdout, "")
            self.assertIn(f"layers.csv: {message}" if message.startswith("row") else message,
                          run.stderr)
            self.assertEqual(run.stderr.count("\n"), 1)

    def test_bytes_that_are_no_text_and_no_file_are_refused(self):
        run = self.run_tool(self.file(COLUMNS, "SIMD,Convolución", encoding="utf-16"))
        self.assertEqual((run.returncode, run.stderr.count("\n")), (65, 1))
        run = self.run_tool(self.folder.name + "/none.csv")
        self.assertEqual((run.returncode, run.stderr.count("\n")), (66, 1))


if __name__ == "__main__":
    unittest.main()
