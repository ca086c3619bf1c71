"""Classes of instructions, from a disassembly."""

import re
import sys

# `load_words` and `store_words` are the words of multiple transfers, and `shift_steps` what shifts
# by a constant take on a core that shifts by four bits or one at a time; they are in addition to
# their instruction. Returns that load the program counter are calls. All others add up to
# instructions. RV32I has shifts by a register in a class of their own, and jumps and calls that
# name their target; only those to where a register points are `call_return`.
CLASSES = (
    "alu", "shift", "shift_register", "multiply", "simd", "load", "store", "load_multiple",
    "store_multiple", "branch_taken", "branch_not_taken", "jump", "call_return", "load_words",
    "store_words", "shift_steps")
# The indices of those.
INSTRUCTION_CLASSES = [
    index for index, name in enumerate(CLASSES) if not name.endswith(("_words", "_steps"))]

CONDITION = r"(eq|ne|hs|lo|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
SUFFIX = r"(\.[nw])?"
ARM = [
    ("call_return", rf"(blx?|bx){CONDITION}"),
    ("branch_taken", rf"b{CONDITION}|cbn?z|tb[bh]"),
    ("load_multiple", rf"(ldrd|ldm(ia|db)?|pop){CONDITION}"),
    ("store_multiple", rf"(strd|stm(ia|db)?|push){CONDITION}"),
    ("load", rf"ldrs?[bh]?t?{CONDITION}"),
    ("store", rf"str[bh]?t?{CONDITION}"),
    ("shift", rf"(lsl|lsr|asr|ror|rrx)s?{CONDITION}"),
    ("multiply", rf"(mul|mla|mls|[su]mull|[su]mlal|[su]div)s?{CONDITION}"),
    ("simd", r"(usada?8|[su](add|sub)(8|16)|uq(add|sub)(8|16)|sel|[us]sat16|[us]xta?b16"
             rf"|pkh(bt|tb)){CONDITION}"),
]
RISCV = [
    ("call_return", r"ret|jalr|jr"),
    ("jump", r"j|jal"),
    ("branch_taken", r"b[a-z]+"),
    ("load", r"l[bhw]u?"),
    ("store", r"s[bhw]"),
    ("shift", r"s(ll|rl|ra)i"),
    ("shift_register", r"s(ll|rl|ra)"),
    ("multiply", r"mul[a-z]*|divu?|remu?"),
]
LINE = re.compile(r"^\s*([0-9a-f]+):\s+([a-z][a-z0-9.]*)\s*(.*)$")


def register_count(operands):
    """The registers between braces; r4-r7 are four."""
    count = 0
    for part in re.search(r"\{(.*)\}", operands).group(1).split(","):
        first, _, last = part.strip().partition("-")
        count += int(last[1:]) - int(first[1:]) + 1 if last else 1
    return count


def classify(mnemonic, operands, is_arm):
    """The class of an instruction and what it counts besides: words of a multiple transfer, steps
    of a shift by a constant."""
    for name, pattern in ARM if is_arm else RISCV:
        if re.fullmatch(pattern + (SUFFIX if is_arm else ""), mnemonic):
            break
    else:
        return "alu", 0
    if name == "shift" and not is_arm:
        amount = int(operands.rpartition(",")[2], 0)
        return name, amount // 4 + amount % 4
    if name not in ("load_multiple", "store_multiple"):
        return name, 0
    words = register_count(operands) if "{" in operands else 2
    if "pc" in operands.partition("{")[2]:
        return "call_return", words
    return name, words


def instructions(listing, is_arm):
    """(address, class, words or steps) of each instruction in the text of `llvm-objdump -d`."""
    for line in listing.splitlines():
        match = LINE.match(line)
        if match and not match[2].startswith("."):
            yield int(match[1], 16), *classify(match[2], match[3], is_arm)


def main():
    """Prints what count.c reads, from a listing of a firmware."""
    with open(sys.argv[1]) as file:
        listing = file.read()
    found = list(instructions(listing, is_arm="elf32-littlearm" in listing))
    symbols = {name: int(address, 16)
               for address, name in re.findall(r"^([0-9a-f]+) <(\w+)>:$", listing, re.MULTILINE)}
    print(f"image {found[0][0]:x} {found[-1][0] + 4:x}"
          f" begin {symbols['cost_begin']:x} end {symbols['cost_end']:x}")
    for address, name, more in found:
        print(f"{address:x} {CLASSES.index(name)} {more}")


if __name__ == "__main__":
    main()
