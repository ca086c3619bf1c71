"""Compares loads and edges with OpenSTA, which reads the same netlist and library by itself.

Only its switching power is compared, C·V²/2 for each edge of a net that a cell drives. Its
internal power cannot be: Debian 12's version, of 2019, counts a rise and a fall for every edge.
"""

import subprocess

from energy import switching
from netlist import CLOCK

TOLERANCE = .01  # it takes the larger of a pin's two capacitances, where we take their mean


def check(netlist, edges, operations, folder):
    """Raises ValueError where the two differ."""
    script = folder / f"{netlist.name}.tcl"
    script.write_text("\n".join(_commands(netlist, edges, operations)) + "\n")
    done = subprocess.run(
        ["sta", "-no_splash", "-exit", script], capture_output=True, text=True, check=True)
    totals = [line.split() for line in done.stdout.splitlines() if line.startswith("Total ")]
    if not totals or "Error" in done.stdout + done.stderr:
        raise ValueError(f"OpenSTA: {netlist.name}: {done.stdout}{done.stderr}")
    found = float(totals[0][2]) * netlist.period  # W·ps are pJ
    ours = switching(netlist, edges) / operations
    if abs(found / ours - 1) > TOLERANCE:
        raise ValueError(
            f"OpenSTA: {netlist.name}: {found:.3f} pJ to charge nets, expected {ours:.3f} pJ")


def _commands(netlist, edges, operations):
    neighbour = netlist.library.cells["DFFPOSX1"].pins["D"].capacitance
    yield f"read_liberty {netlist.library.path}"
    yield f"read_verilog {netlist.verilog}"
    yield "link_design element"
    yield f"create_clock -name {CLOCK} -period {netlist.period / 1000} [get_ports {CLOCK}]"
    for port in ("first_out", "x_out", "w_out"):
        yield f"set_load {neighbour} [get_ports {port}*]"
    for port in ("first", "x", "w"):
        for bit, net in enumerate(netlist.ports[port]):
            name = f"{port}[{bit}]" if len(netlist.ports[port]) > 1 else port
            yield (f"sta::set_power_input_port_activity [get_ports {{{name}}}]"
                   f" {edges[net] / operations:.6f} 0.5")
    for instance in netlist.instances:
        for pin, net in instance.nets.items():
            if net != netlist.ports[CLOCK][0]:
                yield (f"sta::set_power_pin_activity [get_pins {{{instance.name}/{pin}}}]"
                       f" {edges[net] / operations:.6f} 0.5")
    yield "report_power -digits 8"
    yield "exit"
