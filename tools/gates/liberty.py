"""Reads cells of a Liberty file: areas, functions, capacitances, and tables of delay and energy.

Units are the file's: ns, pF, V; energies are pJ.
"""

import re

TOKEN = re.compile(r'/\*.*?\*/|\\\n|\s+|"([^"]*)"|([{}();:,])|([^\s{}();:,"]+)', re.DOTALL)


class Group:
    """`name (argument, …) { … }`: simple attributes, and groups in their order."""

    def __init__(self, name, arguments):
        self.name, self.arguments = name, arguments
        self.attributes, self.groups = {}, []

    def all(self, name):
        return [group for group in self.groups if group.name == name]

    def first(self, name):
        return next(iter(self.all(name)), None)

    def number(self, name, default=0.0):
        return float(self.attributes.get(name, default))


def parse(text):
    """The outermost group."""
    tokens = [match[1] if match[1] is not None else match[2] or match[3]
              for match in TOKEN.finditer(text) if match.lastindex]
    place = 0

    def statement():
        nonlocal place
        name, mark = tokens[place], tokens[place + 1]
        place += 2
        if mark == ":":
            end = tokens.index(";", place)
            value = " ".join(tokens[place:end])
            place = end + 1
            return name, value
        end = tokens.index(")", place)
        arguments = [token for token in tokens[place:end] if token != ","]
        place = end + 1
        if place < len(tokens) and tokens[place] == "{":
            place += 1
            group = Group(name, arguments)
            while tokens[place] != "}":
                entry = statement()
                if isinstance(entry, Group):
                    group.groups.append(entry)
                else:
                    group.attributes[entry[0]] = entry[1]
            place += 1
            while place < len(tokens) and tokens[place] == ";":
                place += 1
            return group
        if place < len(tokens) and tokens[place] == ";":
            place += 1
        return name, arguments

    return statement()


class Table:
    """Values over a load and a slew, or over a slew alone; linear between and beyond its points."""

    def __init__(self, group):
        rows = [_numbers(text) for text in group.attributes["values"]]
        first = _numbers(group.attributes["index_1"][0])
        second = group.attributes.get("index_2")
        if second is None:
            self.loads, self.slews, self.rows = [0.0], first, [sum(rows, [])]
        else:
            self.loads, self.slews, self.rows = first, _numbers(second[0]), rows

    def __call__(self, load, slew):
        columns = [_line(self.slews, row, slew) for row in self.rows]
        return _line(self.loads, columns, load)


def _numbers(text):
    return [float(number) for number in text.split(",")]


def _line(points, values, at):
    if len(points) == 1:
        return values[0]
    place = 1
    while place < len(points) - 1 and points[place] < at:
        place += 1
    low, high = points[place - 1], points[place]
    return values[place - 1] + (values[place] - values[place - 1]) * (at - low) / (high - low)


class Pin:
    def __init__(self, group):
        self.name = group.arguments[0]
        self.is_output = group.attributes["direction"] == "output"
        self.function = group.attributes.get("function")
        # Each direction of an edge half of the time.
        self.capacitance = (
            group.number("rise_capacitance") + group.number("fall_capacitance")) / 2
        # By related pin, None for the pin's own energy.
        self.arcs = _tables(
            group.all("timing"), ("cell_rise", "cell_fall", "rise_transition", "fall_transition"))
        self.energies = _tables(group.all("internal_power"), ("rise_power", "fall_power"))


def _tables(groups, names):
    """Lists of tables by related pin, of the groups that have all of them: set-up times of
    registers, and edges that only a reset causes, are left out."""
    return {
        group.attributes.get("related_pin"): [Table(group.first(name)) for name in names]
        for group in groups if all(group.first(name) for name in names)}


class Cell:
    def __init__(self, group):
        self.name = group.arguments[0]
        self.area = group.number("area")
        self.leakage = group.number("cell_leakage_power")
        pins = [Pin(pin) for pin in group.all("pin")]
        self.pins = {pin.name: pin for pin in pins}
        self.inputs = [pin for pin in pins if not pin.is_output]
        self.outputs = [pin for pin in pins if pin.is_output]
        self.is_register = group.first("ff") is not None


class Library:
    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            group = parse(file.read())
        self.path = path
        self.name = group.arguments[0]
        self.voltage = group.number("nom_voltage")
        units = group.attributes["time_unit"], group.attributes["capacitive_load_unit"]
        if units != ("1ns", ["1", "pf"]):
            raise ValueError(f"{path}: units {units}, expected 1ns and 1 pf")
        self.cells = {cell.arguments[0]: Cell(cell) for cell in group.all("cell")}
