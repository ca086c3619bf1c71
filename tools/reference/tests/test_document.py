"""The tables of docs/adb-format.md against the layouts, and its limits against `adb.limits`."""

import pathlib
import re
import unittest

from adb import detection, groups, limits, operations, structures as s

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "adb-format.md"
LAYOUTS = {
    "Header": s.HEADER, "Section table": s.SECTION, "Tensors": s.Tensor.layout,
    "Bindings": s.BINDING, "Normalization": s.NORMALIZATION_RECORD,
    "Names and class names": s.STRING, "Detection": detection.DetectionHeader.layout,
    "Detection, a level": detection.DetectionLevel.layout, "Operations": operations.HEADER,
    "Window": groups.Window.layout, "Requantizer": groups.Requantizer.layout,
    "Channel entry": groups.Entry.layouts[False], "Wide channel entry": groups.Entry.layouts[True],
    "Patch": groups.Patch.layout,
    **{f"{opcode} {kind.name}": kind.layout for opcode, kind in operations.OPERATIONS.items()},
}
ITEMS = 7  # the length of a list whose length is in a field, to compare places behind it
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def number(text):
    """`2²⁰`, `65,535` or `−7`."""
    text = text.replace(",", "").replace("−", "-")
    base = text.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return int(base) ** int(text[len(base):].translate(SUPERSCRIPTS) or 1)


def byte_count(text):
    """`24`, `2 + byteCount` or `4 + 4·channels`, the name standing for ITEMS."""
    fixed, name, size = re.match(r"(\d+)( \+ (?:(\d+)·)?\w+)?", text).groups()
    return int(fixed) + (int(size or 1) * ITEMS if name else 0)


def tables(text):
    """By heading: the byte count in it, or '', and the rows (offset, type, field, meaning)."""
    found = {}
    for section in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        title, _, size = section.partition("\n")[0].partition(", ")
        size, _, repeated = size.partition(" and ")
        for table in re.finditer(
                r"^\| offset \| type \| field \| meaning and valid range \|\n"
                r"\|[-|]+\n((?:\|.*\n)+)", section, re.MULTILINE):
            if title in found:
                title, size = f"{title}, a level", repeated
            found[title] = size, [
                [cell.strip() for cell in row.strip("|").split("|")]
                for row in table[1].splitlines()]
    return found


def rows(layout):
    """(offset, type, name, field) as the document's tables spell them, and the end."""
    offset = layout.start
    for field in layout.fields:
        if field.group:
            kind = field.group.__name__.lower()
        else:
            kind = {"bool": "u8", "tensor": "u32", "tensor?": "u32", "constant": "u32",
                    "constant?": "u32"}.get(
                field.type, field.type) + (f"[{field.count}]" if field.is_list else "")
        yield offset, kind, field.name, field
        offset += (
            field.item_byte_count * ITEMS if isinstance(field.count, str) else field.byte_count)
    yield offset, None, None, None


class DocumentTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = DOCUMENT.read_text(encoding="utf-8")
        cls.tables = tables(cls.text)

    def test_each_table_is_a_layout(self):
        self.assertEqual(list(self.tables), list(LAYOUTS))
        for title, layout in LAYOUTS.items():
            with self.subTest(title):
                size, table = self.tables[title]
                *expected, (end, *_) = rows(layout)
                self.assertEqual(
                    [(byte_count(offset), kind, name) for offset, kind, name, _ in table],
                    [row[:3] for row in expected])
                self.assertEqual(byte_count(size), end)

    def test_each_range_is_the_layouts(self):
        for title, layout in LAYOUTS.items():
            for (*_, meaning), field in zip(self.tables[title][1], layout.fields):
                with self.subTest(title=title, field=field.name):
                    spelled = [
                        (number(low), number(high)) for low, high in re.findall(
                            r"([−\d,]+[⁰¹²³⁴⁵⁶⁷⁸⁹]*)…([−\d,]+[⁰¹²³⁴⁵⁶⁷⁸⁹]*)", meaning)]
                    if field.range is None:
                        self.assertTrue(field.follows or not spelled, meaning)
                    elif field.range[1] - field.range[0] > 1:
                        self.assertIn(field.range, spelled)
                    else:
                        for value in field.range:
                            self.assertRegex(meaning, rf"\b{value}\b")

    def test_limits(self):
        self.assertEqual({limits.TENSOR_BYTES, limits.EXAMINED_BYTES}, {number("2²⁸")})
        for sentence in (
                f"At most {limits.TENSORS} tensors.",
                f"in the order they run; at most {limits.OPERATIONS}.",
                f"at most {limits.BINDINGS} in all.",
                "element size, at most 2²⁸ |",
                f"kernelWidth · inputChannels, at most {limits.PATCH_ELEMENTS:,} |",
                f"| F, 0…{limits.SHIFT}; 0…{limits.WIDE_SHIFT} if wide |",
                f"(at most {limits.SHIFT}, wide {limits.WIDE_SHIFT})",
                f"the number of planes (0…{limits.PLANES})",
                "examined, all operations together, are at most 2²⁸."):
            self.assertIn(sentence, self.text)
