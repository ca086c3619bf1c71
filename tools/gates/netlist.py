"""Synthesizes an element to gates of a library, and gives its loads, slews and delays."""

import json
import pathlib
import re
import subprocess

FOLDER = pathlib.Path(__file__).parent
CLOCK, SLEW = "clk", 0.06  # ns; of the clock and of what comes from outside
GUARD_BITS = 10  # sums of up to 1,024 operations
SCRIPT = """
read_verilog {folder}/elements.v
read_liberty -lib {library}
chparam -set BITS {bits} -set ACCUMULATOR {accumulator} -set MULTIPLIES {multiplies} element
synth -top element -run begin:fine
{adders}
synth -run fine:
dfflibmap -liberty {library}
abc -liberty {library} -constr {constraints} -D {period}
flatten
opt_clean -purge
rename -enumerate
check -assert
write_verilog -noattr -simple-lhs {verilog}
write_json {json}
"""
# How sums are made: of the library's full adders, carries rippling, or of the gates that yosys and
# abc choose, as prefix adders.
STYLES = {
    "full adders": "maccmap\ntechmap -map {folder}/full_adders.v\n" + 3 * (
        "techmap\nopt -fast\ntechmap -map {folder}/constant_inputs.v\nopt -fast\n"),
    "gates": "",
}


def accumulator_bits(kind, bits):
    return (2 * bits if kind == "mac" else bits) + GUARD_BITS


class Instance:
    """A gate: its cell, and the net of each of its pins."""

    def __init__(self, name, cell, nets):
        self.name, self.cell, self.nets = name, cell, nets


class Netlist:
    """One element, `kind` "sad" or "mac". Nets are numbers, constants such as "0" are not among
    them; `ports` maps a port to its nets."""

    def __init__(self, library, kind, bits, style, period, folder):
        self.library, self.kind, self.bits, self.style = library, kind, bits, style
        self.period = period  # ps
        self.accumulator = accumulator_bits(kind, bits)
        self.name = f"{kind}{bits}-{style.replace(' ', '-')}"
        self.verilog = folder / f"{self.name}.v"
        self._read(self._synthesize(folder))

    def _synthesize(self, folder):
        constraints, output = folder / "constraints", self.verilog.with_suffix(".json")
        constraints.write_text("set_driving_cell DFFPOSX1\nset_load 0.01 [all_outputs]\n")
        script = SCRIPT.format(
            folder=FOLDER, library=self.library.path, bits=self.bits, accumulator=self.accumulator,
            multiplies=int(self.kind == "mac"), adders=STYLES[self.style].format(folder=FOLDER),
            constraints=constraints, period=self.period, verilog=self.verilog, json=output)
        done = subprocess.run(["yosys", "-q", "-"], input=script, text=True, capture_output=True)
        if done.returncode != 0:
            raise ValueError(f"yosys: {self.name}: {done.stdout}{done.stderr}")
        return json.loads(output.read_text())["modules"]["element"]

    def _read(self, module):
        self.ports = {name: port["bits"] for name, port in module["ports"].items()}
        self.instances = []
        for name, cell in sorted(module["cells"].items()):
            if cell["type"] not in self.library.cells:
                raise ValueError(f"{self.name}: {cell['type']}, no cell of {self.library.name}")
            nets = {pin: bits[0] for pin, bits in cell["connections"].items()}
            self.instances.append(Instance(name, self.library.cells[cell["type"]], nets))
        self.area = sum(instance.cell.area for instance in self.instances)
        self._order()
        self._loads()
        self._delays()

    def _order(self):
        """Sorts the instances: registers, then each gate behind those that drive it."""
        self.driver = {
            net: instance for instance in self.instances for _, net in driven(instance)}
        ordered = [instance for instance in self.instances if instance.cell.is_register]
        done = set(ordered)

        def visit(instance):
            if instance in done:
                return
            done.add(instance)
            for pin in instance.cell.inputs:
                driver = self.driver.get(instance.nets[pin.name])
                if driver is not None:
                    visit(driver)
            ordered.append(instance)

        for instance in self.instances:
            visit(instance)
        self.instances = ordered

    def _loads(self):
        """pF on each net: the pins on it, and a neighbour's register where one is handed it."""
        self.load = {}
        for instance in self.instances:
            for pin in instance.cell.inputs:
                net = instance.nets[pin.name]
                self.load[net] = self.load.get(net, 0.0) + pin.capacitance
        neighbour = self.library.cells["DFFPOSX1"].pins["D"].capacitance
        for port in ("first_out", "x_out", "w_out"):
            for net in self.ports[port]:
                self.load[net] = self.load.get(net, 0.0) + neighbour

    def _delays(self):
        """Means over the inputs that can switch an output: slews in ns, delays (rise, fall)."""
        self.slew, self.delay = {}, {}
        for instance in self.instances:
            for pin, net in driven(instance):
                load = self.load.setdefault(net, 0.0)
                values = [
                    [table(load, self.slew.get(instance.nets[related], SLEW)) for table in tables]
                    for related, tables in pin.arcs.items()]
                rise, fall, *slews = [sum(column) / len(values) for column in zip(*values)]
                self.delay[net] = rise, fall
                self.slew[net] = max(SLEW, sum(slews) / 2)

    def operation_registers(self):
        """Names of the accumulator's registers; the others hold operands."""
        return {self.driver[net].name for net in self.ports["acc"]}

    def simulation_module(self, with_delays):
        """Verilog: a continuous assignment for each gate, with the delays of its own load."""
        nets = sorted({
            net for instance in self.instances for net in instance.nets.values()
            if isinstance(net, int)})
        inputs = {net for name in (CLOCK, "first", "x", "w") for net in self.ports[name]}
        outputs = {
            net for name in ("first_out", "x_out", "w_out", "acc") for net in self.ports[name]}
        names = [f"input n{net}" for net in sorted(inputs)]
        names += [f"output n{net}" for net in sorted(outputs)]
        lines = [f"module element({', '.join(names)});"]
        lines += [f"wire n{net};" for net in nets if net not in inputs | outputs]
        for instance in self.instances:
            for pin, net in driven(instance):
                delay = ""
                if with_delays:
                    rise, fall = (max(1, round(1000 * ns)) for ns in self.delay[net])
                    delay = f"#({rise},{fall}) "
                if instance.cell.is_register:
                    clock, data = instance.nets["CLK"], instance.nets["D"]
                    lines.append(f"reg q{net} = 0; always @(posedge n{clock}) q{net} <= n{data};")
                    lines.append(f"assign {delay}n{net} = q{net};")
                else:
                    function = verilog_function(pin.function, instance.nets)
                    lines.append(f"assign {delay}n{net} = {function};")
        return "\n".join(lines) + "\nendmodule\n"


def driven(instance):
    """Output pins that are connected, with their nets."""
    return [(pin, instance.nets[pin.name]) for pin in instance.cell.outputs
            if pin.name in instance.nets]


def verilog_function(function, nets):
    """Liberty's `!(A B)+C` in Verilog: names next to each other are multiplied."""
    text = re.sub(r"(?<=[\w)])\s+(?=[\w(!])", "&", function).replace("+", "|").replace("!", "~")
    return re.sub(r"\w+", lambda name: wire(nets[name[0]]), text)


def wire(net):
    return f"n{net}" if isinstance(net, int) else f"1'b{net}"

