#!/usr/bin/env python3
"""Tests of the measurement's own arithmetic, with numbers worked out by hand."""

import collections
import json
import pathlib
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from energy import energy  # noqa: E402
from liberty import Cell, Table, parse  # noqa: E402
from netlist import Instance, Netlist, verilog_function  # noqa: E402
from streams import Layer, symmetric  # noqa: E402
from target import MEASURED, TARGET, target, text  # noqa: E402

ARC = """
    timing() { related_pin : "%s";
      cell_rise(t) { index_1 ("0, 1"); index_2 ("0, 1"); values ("0, 0", "2, 2"); }
      cell_fall(t) { index_1 ("0, 1"); index_2 ("0, 1"); values ("0, 0", "4, 4"); }
      rise_transition(t) { index_1 ("0, 1"); index_2 ("0, 1"); values ("1, 1", "1, 1"); }
      fall_transition(t) { index_1 ("0, 1"); index_2 ("0, 1"); values ("1, 1", "1, 1"); } }
    internal_power() { related_pin : "%s";
      rise_power(t) { index_1 ("0, 1"); index_2 ("0, 1"); values ("%s", "%s"); }
      fall_power(t) { index_1 ("0, 1"); index_2 ("0, 1"); values ("0, 0", "0, 0"); } }
"""
LIBERTY = """
library(small) { /* two cells */
  cell(AND2) { area : 3;
    pin(A) { direction : input; rise_capacitance : 0.1; fall_capacitance : 0.3; }
    pin(B) { direction : input; rise_capacitance : 0.4; fall_capacitance : 0.4; }
    pin(Y) { direction : output; function : "(A B)"; %s %s } }
  cell(DFFPOSX1) { area : 5; ff(q, n) { next_state : "D"; clocked_on : "CLK"; }
    pin(CLK) { direction : input; rise_capacitance : 0.5; fall_capacitance : 0.5;
      internal_power() {
        rise_power(t) { index_1 ("0, 1"); values ("7, 7"); }
        fall_power(t) { index_1 ("0, 1"); values ("9, 9"); } } }
    pin(D) { direction : input; rise_capacitance : 0.6; fall_capacitance : 0.6; }
    pin(Q) { direction : output; function : "q"; %s } }
}
""" % (ARC % ("A", "A", "2, 2", "2, 2"), ARC % ("B", "B", "6, 6", "6, 6"),
       ARC % ("CLK", "CLK", "0, 0", "10, 10"))


class SmallLibrary:
    name, voltage = "small", 2.0

    def __init__(self):
        self.cells = {group.arguments[0]: Cell(group) for group in parse(LIBERTY).all("cell")}


class SmallNetlist(Netlist):
    """acc = q of x & w; nets: clk 2, x 3, w 4, x & w 5, acc 6."""

    def __init__(self):
        self.library = SmallLibrary()
        ports = {"clk": [2], "first": ["0"], "x": [3], "w": [4], "first_out": [], "x_out": [],
                 "w_out": [], "acc": [6]}
        self._read({
            "ports": {name: {"bits": bits} for name, bits in ports.items()},
            "cells": {
                "gate": {"type": "AND2", "connections": {"A": [3], "B": [4], "Y": [5]}},
                "register": {
                    "type": "DFFPOSX1", "connections": {"CLK": [2], "D": [5], "Q": [6]}}}})


class Energies(unittest.TestCase):
    def test_tables_are_linear_between_and_beyond_their_points(self):
        group = parse('t(x) { index_1 ("0, 2"); index_2 ("1, 3"); values ("0, 4", "8, 12"); }')
        self.assertEqual(Table(group)(1, 2), 6)
        self.assertEqual(Table(group)(3, 1), 12)

    def test_the_energy_is_that_of_loads_and_tables(self):
        netlist = SmallNetlist()
        self.assertEqual(netlist.area, 8)
        edges = collections.Counter({2: 20, 3: 3, 4: 1, 5: 4, 6: 2})
        parts = energy(netlist, edges)
        # The gate drives .6 pF at 2 V, 1.2 pJ an edge; a rise by A costs 2 pJ, by B 6, a fall
        # nothing, and A has three edges of four.
        self.assertAlmostEqual(parts["arithmetic"], 4 * (1.2 + (3 * 1 + 1 * 3) / 4))
        # The clock's edges charge .5 pF and cost 7 and 9 pJ in turn; the output drives nothing.
        self.assertAlmostEqual(parts["accumulator"], 20 * (1.0 + 8))
        self.assertEqual(parts["operands"], 0)

    def test_delays_are_those_at_the_load(self):
        rise, fall = SmallNetlist().delay[5]
        self.assertAlmostEqual(rise, 1.2)
        self.assertAlmostEqual(fall, 2.4)

    def test_functions_become_verilog(self):
        nets = {"A": 1, "B": 2, "C": "1"}
        self.assertEqual(verilog_function("(!((A B)+C))", nets), "(~((n1&n2)|1'b1))")
        self.assertEqual(verilog_function("(!((A B) + (!A C)))", nets), "(~((n1&n2) | (~n1&1'b1)))")


class Streams(unittest.TestCase):
    def test_sums_start_again_with_every_tile(self):
        patches = np.arange(12).reshape(3, 4)
        weights = {"adder": np.full((4, 3), 5), "twin": np.full((4, 3), -2)}
        layer = Layer("layer", 8, patches, weights)
        stream = layer.stream("adder", 7)  # two sums of three in seven cycles
        self.assertEqual(stream.cycles, 6)
        self.assertEqual(stream.sums("sad")[:, 0, 0].tolist(), [5, 6, 9, 5, 6, 9])
        self.assertEqual(
            layer.stream("twin", 3).sums("mac")[:, 3, 1].tolist(), [-6, -20, -42])

    def test_weights_fill_their_range_symmetrically(self):
        self.assertEqual(symmetric(np.array([-2.0, 0.0, 1.0]), 4).tolist(), [-7, 0, 4])


class Targets(unittest.TestCase):
    def setUp(self):
        self.measured = json.loads(MEASURED.read_text())

    def test_the_built_in_target_is_what_was_measured(self):
        self.assertEqual(
            TARGET.read_text(), text(target(self.measured)), "tools/gates/target.py writes it")

    def test_sums_have_the_means_and_the_bounds_of_whole_elements(self):
        constants = target(self.measured)["constants"]
        for operation, names in (("sad8", ("subtract", "absolute", "accumulate")),
                                 ("mac8", ("multiply", "accumulate"))):
            energy = self.measured["op"][operation]["energy"]
            for key in ("value", "low", "high"):
                found = sum(constants[f"{name}_energy"][key] for name in names)
                self.assertAlmostEqual(found, energy[key], delta=0.0051, msg=(operation, key))

    def test_bounds_contain_values(self):
        for name, constant in target(self.measured)["constants"].items():
            self.assertTrue(
                constant["low"] <= constant["value"] <= constant["high"], (name, constant))


unittest.main()
