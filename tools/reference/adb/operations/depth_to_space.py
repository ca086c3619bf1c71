"""depthToSpace: blocks of channels become blocks of positions."""

from .. import limits
from .operation import Copy


class DepthToSpace(Copy):
    name = "depthToSpace"
    FIELDS = Copy.FIELDS + [("blockSize", "u16", 1, limits.FACTOR), ("reserved", "u16")]

    def output_shape(self, height, width, channels):
        size = self.block_size
        # No tensor has a channel less than none.
        blocks = channels // size**2 if channels % size**2 == 0 else -1
        return height * size, width * size, blocks

    def evaluate(self, x):
        size = self.block_size
        images, height, width, channels = x.shape
        blocks = x.reshape(images, height, width, channels // size**2, size, size)
        return blocks.transpose(0, 1, 4, 2, 5, 3).reshape(
            images, height * size, width * size, channels // size**2)
