"""Windows, shapes and groupings that cases share."""

from adb.groups import Window

# (name, input shape, output channels, groups, window)
LAYERS = [
    ("kernel 1", (4, 5, 3), 4, 1, Window(1, 1)),
    ("kernel 1 stride 2", (5, 5, 8), 3, 1, Window(1, 1, 2, 2)),
    ("kernel 2", (5, 4, 2), 3, 1, Window(2, 2)),
    ("kernel 3 padding 1", (5, 5, 4), 4, 1, Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("kernel 3 stride 2 padding 1", (6, 5, 3), 2, 1, Window(3, 3, 2, 2, 1, 1, 1, 1)),
    ("kernel 3 stride 3", (8, 7, 1), 2, 1, Window(3, 3, 3, 3)),
    ("kernel 5 padding 2", (5, 6, 1), 2, 1, Window(5, 5, 1, 1, 2, 2, 2, 2)),
    ("kernel 7 padding 3", (4, 4, 1), 2, 1, Window(7, 7, 1, 1, 3, 3, 3, 3)),
    ("kernel 1x3", (3, 6, 2), 3, 1, Window(1, 3)),
    ("kernel 3x1", (6, 3, 2), 3, 1, Window(3, 1)),
    ("kernel 2x5 stride 3x1", (7, 8, 1), 3, 1, Window(2, 5, 3, 1)),
    ("kernel 5x2 stride 1x2 padding", (7, 6, 2), 2, 1, Window(5, 2, 1, 2, 2, 1, 2, 1)),
    ("padding top", (3, 3, 2), 2, 1, Window(3, 3, 1, 1, 2, 0, 0, 0)),
    ("padding left", (3, 3, 2), 2, 1, Window(3, 3, 1, 1, 0, 2, 0, 0)),
    ("padding bottom", (3, 3, 2), 2, 1, Window(3, 3, 1, 1, 0, 0, 2, 0)),
    ("padding right", (3, 3, 2), 2, 1, Window(3, 3, 1, 1, 0, 0, 0, 2)),
    ("padding 0 1 2 3", (4, 4, 1), 2, 1, Window(3, 3, 2, 2, 0, 1, 2, 3)),
    ("padding 3 2 1 0", (4, 4, 1), 2, 1, Window(2, 3, 1, 2, 3, 2, 1, 0)),
    ("padding beyond the kernel", (2, 2, 3), 2, 1, Window(2, 2, 1, 1, 3, 3, 3, 3)),
    ("dilation 2", (6, 6, 2), 2, 1, Window(3, 3, 1, 1, 0, 0, 0, 0, 2, 2)),
    ("dilation 3 padding 3", (5, 5, 1), 2, 1, Window(3, 3, 1, 1, 3, 3, 3, 3, 3, 3)),
    ("dilation 2x3 stride 3x2", (9, 8, 1), 2, 1, Window(3, 2, 3, 2, 1, 1, 2, 2, 2, 3)),
    ("padding that is never read", (4, 4, 2), 2, 1, Window(3, 3, 3, 3, 0, 0, 1, 1)),
    ("single position", (3, 3, 7), 5, 1, Window(3, 3)),
    ("vector of 33", (1, 1, 33), 5, 1, Window(1, 1)),
    ("channels 5", (3, 3, 5), 5, 1, Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("channels 7", (3, 3, 7), 7, 1, Window(2, 2)),
    ("channels 17", (3, 3, 17), 1, 1, Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("channels 33", (2, 2, 33), 3, 1, Window(1, 2)),
    ("groups 2", (4, 4, 4), 4, 2, Window(3, 3)),
    ("groups 2 odd filters", (3, 4, 6), 6, 2, Window(2, 2)),
    ("groups 3 of one channel two filters", (4, 4, 3), 6, 3, Window(3, 3)),
    ("groups 3 one filter each", (3, 3, 9), 3, 3, Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("depthwise", (4, 4, 5), 5, 5, Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("depthwise stride 2", (5, 5, 7), 7, 7, Window(3, 3, 2, 2, 1, 1, 1, 1)),
    ("depthwise three filters", (3, 3, 3), 9, 3, Window(2, 2)),
]
PLAIN = Window(3, 3, 1, 1, 1, 1, 1, 1)

# (name, input shape, window): paddings are at most half of the kernel's extent.
POOLS = [
    ("kernel 1", (3, 3, 3), Window(1, 1)),
    ("kernel 1 stride 2", (5, 4, 3), Window(1, 1, 2, 2)),
    ("kernel 2 stride 2", (6, 4, 3), Window(2, 2, 2, 2)),
    ("kernel 2 stride 2, odd input", (5, 7, 1), Window(2, 2, 2, 2)),
    ("kernel 2 padding 1", (4, 3, 5), Window(2, 2, 1, 1, 1, 1, 1, 1)),
    ("kernel 3 stride 1 padding 1", (4, 4, 7), Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("kernel 3 stride 2 padding 1", (5, 6, 3), Window(3, 3, 2, 2, 1, 1, 1, 1)),
    ("kernel 3 stride 3", (9, 8, 2), Window(3, 3, 3, 3)),
    ("kernel 5 padding 2", (5, 5, 1), Window(5, 5, 1, 1, 2, 2, 2, 2)),
    ("kernel 7 padding 3", (5, 4, 1), Window(7, 7, 2, 2, 3, 3, 3, 3)),
    ("kernel 6 padding 0 1 2 3", (6, 7, 1), Window(6, 6, 1, 1, 0, 1, 2, 3)),
    ("kernel 1x3 padding 0x1", (3, 5, 2), Window(1, 3, 1, 1, 0, 1, 0, 1)),
    ("kernel 3x1 stride 2x3", (7, 5, 2), Window(3, 1, 2, 3, 1, 0, 1, 0)),
    ("dilation 2", (6, 6, 2), Window(3, 3, 1, 1, 0, 0, 0, 0, 2, 2)),
    ("dilation 3 padding 2, no tap inside", (2, 1, 3),
     Window(2, 2, 1, 1, 2, 2, 2, 2, 3, 3)),
    ("global 4x4", (4, 4, 17), Window(4, 4)),
    ("global 5x3", (5, 3, 33), Window(5, 3, 1, 1)),
    ("global with stride", (3, 3, 5), Window(3, 3, 3, 3)),
]


def random_window(random, shape, pool):
    """A window that fits, or None; the padding of a maxPool is at most half of its extent."""
    kernel = [random.choice((1, 2, 3, 3, 5, 7)) for _ in range(2)]
    dilation = [random.choice((1, 1, 1, 2, 3)) for _ in range(2)]
    extent = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
    padding = [random.integer(0, min(3, extent[axis] // 2) if pool else 3)
               for axis in (0, 1, 0, 1)]
    window = Window(*kernel, random.integer(1, 3), random.integer(1, 3), *padding, *dilation)
    height, width = window.output_extent(*shape[:2])
    return window if min(height, width) >= 1 and max(height, width) <= 9 else None
