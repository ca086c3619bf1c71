"""Energy of a netlist from the edges of its nets, by the library's tables."""

from netlist import CLOCK, SLEW, driven

PARTS = ("arithmetic", "accumulator", "operands")


def energy(netlist, edges):
    """pJ of all counted edges, by part.

    `accumulator` and `operands` are registers with their clock pins, `arithmetic` is the other
    gates.

    An edge costs C·V²/2 on its net, in the part that drives it, and what the tables of the driving
    cell say at this load and its inputs' slews: a mean weighted by the inputs' edges. Registers
    also pay for edges of their clock and data pins, and for the load of the clock pin.
    """
    accumulators = netlist.operation_registers()
    clock = netlist.ports[CLOCK][0]
    parts = dict.fromkeys(PARTS, 0.0)
    for instance in netlist.instances:
        total = sum(
            edges[net] * (
                charge(netlist, netlist.load[net]) + _internal(netlist, instance, pin, edges))
            for pin, net in driven(instance))
        for pin in instance.cell.inputs:
            net = instance.nets[pin.name]
            if None in pin.energies:
                total += edges[net] * _mean(pin.energies[None], 0.0, _slew(netlist, net))
            if net == clock:
                total += edges[net] * charge(netlist, pin.capacitance)
        if not instance.cell.is_register:
            parts["arithmetic"] += total
        else:
            parts["accumulator" if instance.name in accumulators else "operands"] += total
    return parts


def charge(netlist, capacitance):
    """pJ an edge, of pF."""
    return capacitance * netlist.library.voltage ** 2 / 2


def switching(netlist, edges):
    """pJ to charge the nets that cells drive, a part of `energy`."""
    return sum(
        edges[net] * charge(netlist, netlist.load[net])
        for instance in netlist.instances for _, net in driven(instance))


def _internal(netlist, instance, pin, edges):
    """pJ an edge of an output."""
    total = weight = 0.0
    for related, tables in pin.energies.items():
        net = instance.nets[related]
        mean = _mean(tables, netlist.load[instance.nets[pin.name]], _slew(netlist, net))
        total += edges[net] * mean
        weight += edges[net]
    return total / weight if weight else 0.0


def _slew(netlist, net):
    return netlist.slew.get(net, SLEW)


def _mean(tables, load, slew):
    """Of rise and fall: a net has as many of one as of the other."""
    return sum(table(load, slew) for table in tables) / len(tables)
