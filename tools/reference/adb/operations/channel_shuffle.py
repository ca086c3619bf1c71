"""channelShuffle: channels taken from each group in turn."""

from .operation import Copy


class ChannelShuffle(Copy):
    name = "channelShuffle"
    FIELDS = Copy.FIELDS + [("groups", "u32"), ("groupChannels", "u32")]

    def output_shape(self, height, width, channels):
        return height, width, channels

    def check(self, at, context):
        super().check(at, context)
        channels = context.source.channels
        if self.groups * self.group_channels != channels:
            raise at.error(
                "groups", f"{self.groups} groups of {self.group_channels} channels, expected"
                f" {channels} in all")

    def evaluate(self, x):
        split = x.reshape(*x.shape[:3], self.groups, self.group_channels)
        return split.swapaxes(3, 4).reshape(x.shape)
