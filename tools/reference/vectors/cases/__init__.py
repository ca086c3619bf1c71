"""Cases of each operation, a module each, named as the operation's.

`cases` yields those of a file of golden vectors; `draw` appends the operation to a random graph.
"""

import importlib

from adb.operations import OPERATIONS

# In the order of the opcodes.
CASES = [
    importlib.import_module(f"{__name__}.{kind.__module__.rpartition('.')[2]}")
    for kind in OPERATIONS.values()]
