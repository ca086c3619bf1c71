#!/usr/bin/env python3
"""Runs the reference's own tests."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def load_tests(loader, tests, pattern):
    return loader.discover(str(HERE / "tests"), top_level_dir=str(HERE))


if __name__ == "__main__":
    unittest.main()
