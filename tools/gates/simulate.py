"""Runs an array of one netlist in Icarus Verilog and counts the edges of every net."""

import collections
import pathlib
import subprocess
import tempfile

import numpy as np

SIZE = 4  # rows and columns of the array
OPERAND_DELAY = 200  # ps after the edge at which operands enter, as if from registers
SETTLED = 400  # ps before the edge at which sums are read: more than a register's set-up time
# Cycles until every element computes: registers of the element and of those before it.
FILL = 2 * SIZE


class WrongSums(Exception):
    """The netlist computes something else."""


def run(netlist, stream, with_delays=True):
    """Edges of each net, of all elements together, over `stream.cycles` cycles.

    The stream starts again where it ends, so that every element computes in every cycle. Raises
    WrongSums if one accumulator differs from the exact sum in one cycle.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _run(netlist, stream, pathlib.Path(folder), with_delays)


def _run(netlist, stream, folder, with_delays):
    source, program, operands, edges, sums = (
        folder / f"simulation.{suffix}" for suffix in ("v", "vvp", "hex", "vcd", "sums"))
    cycles = stream.cycles + FILL
    operands.write_text("".join(f"{word:x}\n" for word in _words(netlist, stream, cycles)))
    source.write_text(
        "`timescale 1ps/1ps\n" + netlist.simulation_module(with_delays)
        + _test_bench(netlist, cycles, operands, edges, sums))
    subprocess.run(["iverilog", "-g2005", "-o", program, source], check=True)
    subprocess.run(["vvp", "-n", program], check=True, stdout=subprocess.DEVNULL)
    with open(edges, "rb") as file:
        counts = _count_edges(file)
    _check_sums(netlist, stream, sums, cycles)
    return counts


def _words(netlist, stream, cycles):
    """What enters the array in each cycle: a row or column waits as many cycles as it has
    neighbours before it."""
    steps = (np.arange(cycles)[:, None] - np.arange(SIZE)) % stream.cycles
    fields = [
        (np.take_along_axis(values, steps, 0).tolist(), bits) for values, bits in
        ((stream.w, netlist.bits), (stream.x, netlist.bits), (stream.first, 1))]
    for cycle in range(cycles):
        word = 0
        for values, bits in fields:
            for value in reversed(values[cycle]):
                word = word << bits | value & (1 << bits) - 1
        yield word


def _test_bench(netlist, cycles, operands, edges, sums):
    """The array: `x0_2` enters the element of row 0 and column 2 and leaves it as `x0_3`."""
    half = netlist.period // 2
    bits, width = netlist.bits, SIZE * (2 * netlist.bits + 1)
    lines, names, accumulators = [], [], []
    for row in range(SIZE):
        lines.append(f"assign f{row}_0 = word[{row}];")
        lines.append(f"assign x{row}_0 = word[{SIZE + row * bits} +: {bits}];")
        lines.append(f"assign w0_{row} = word[{SIZE + (SIZE + row) * bits} +: {bits}];")
        for column in range(SIZE):
            wires = {
                "clk": "clk", "first": f"f{row}_{column}", "first_out": f"f{row}_{column + 1}",
                "x": f"x{row}_{column}", "x_out": f"x{row}_{column + 1}",
                "w": f"w{row}_{column}", "w_out": f"w{row + 1}_{column}", "acc": f"a{row}_{column}"}
            pins = [
                f".n{net}({wire}[{bit}])" if len(nets) > 1 else f".n{net}({wire})"
                for port, wire in wires.items()
                for nets in [netlist.ports[port]] for bit, net in enumerate(nets)]
            lines.append(f"element e{row}_{column}({', '.join(pins)});")
            names.append(f"e{row}_{column}")
            accumulators.append(wires["acc"])
    places = [(row, column) for row in range(SIZE + 1) for column in range(SIZE + 1)]
    for letter, bit_count in (("f", 1), ("x", bits), ("w", bits), ("a", netlist.accumulator)):
        wires = ", ".join(f"{letter}{row}_{column}" for row, column in places)
        lines.insert(0, f"wire {f'[{bit_count - 1}:0] ' if bit_count > 1 else ''}{wires};")
    return f"""
module bench;
reg clk = 0;
reg [{width - 1}:0] words [0:{cycles - 1}], word = 0;
{chr(10).join(lines)}
integer cycle, file;
initial begin
  $readmemh("{operands}", words);
  file = $fopen("{sums}");
  $dumpfile("{edges}");
  for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin
    clk = 1;
    #{OPERAND_DELAY} word = words[cycle];
    #{half - OPERAND_DELAY} clk = 0;
    #{half - SETTLED} $fdisplay(file, "%h", {{{', '.join(reversed(accumulators))}}});
    if (cycle == {FILL - 1}) $dumpvars(1, {', '.join(names)});
    #{SETTLED};
  end
  $finish;
end
endmodule
"""


def _count_edges(file):
    """Edges by net, from a value change dump: lines `0ID` and `1ID`."""
    declared = []  # a net that two elements share has one identifier and two declarations
    for line in file:
        fields = line.split()
        if fields[:1] == [b"$var"]:
            declared.append((fields[3], fields[4].decode()))
        elif fields[:1] == [b"$dumpvars"]:
            break
    # A net that changes and returns within one instant has a line, and no edge.
    values, counts = {}, collections.Counter()
    for line in file:
        value, identifier = line[:1], line[1:-1]
        if value in b"01" and values.get(identifier) != value:
            values[identifier] = value
            counts[identifier] += 1
    edges = collections.Counter()
    for identifier, name in declared:
        if name[1:].isdigit():  # not the registers' own q
            edges[int(name[1:])] += counts[identifier] - 1  # without the first value
    return edges


def _check_sums(netlist, stream, path, cycles):
    """Compares every accumulator in every cycle with the sums of the operands."""
    expected = stream.sums(netlist.kind)
    low = (1 << netlist.accumulator) - 1
    with open(path, encoding="ascii") as file:
        lines = file.readlines()
    if len(lines) != cycles:
        raise WrongSums(f"{netlist.name}: {len(lines)} cycles, expected {cycles}")
    for cycle in range(FILL, cycles):
        if "x" in lines[cycle].lower():
            raise WrongSums(f"{netlist.name}: cycle {cycle}: undefined bits in the sums")
        word = int(lines[cycle], 16)
        for row in range(SIZE):
            for column in range(SIZE):
                found, word = word & low, word >> netlist.accumulator
                step = (cycle - 2 - row - column) % stream.cycles
                want = int(expected[step, row, column]) & low
                if found != want:
                    raise WrongSums(
                        f"{netlist.name}: cycle {cycle}, row {row}, column {column}:"
                        f" {found}, expected {want}")
