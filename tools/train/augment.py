"""Random shifts and mirror images, drawn anew for every batch."""

import torch
import torch.nn.functional as F


def augment(images, shift, generator):
    """Moves each image of a uint8 batch [N, C, H, W] by up to `shift` pixels; mirrors half of them.

    What moves in from outside is 0, the background of Fashion-MNIST.
    """
    count, _, height, width = images.shape
    padded = F.pad(images, (shift, shift, shift, shift))
    top, left = torch.randint(0, 2 * shift + 1, (2, count, 1), generator=generator)
    rows = top + torch.arange(height)
    columns = torch.arange(width).expand(count, width)
    mirrored = torch.rand(count, 1, generator=generator) < 0.5
    columns = left + torch.where(mirrored, columns.flip(1), columns)
    image = torch.arange(count)[:, None, None]
    return padded[image, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
