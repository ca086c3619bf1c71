"""Random views of pictures, drawn anew for every batch: turned, mirrored, scaled, shifted, of other
contrast and brightness."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class Views:
    """What is drawn.

    Attributes:
        turns: also by quarters and upside down, for what has no upright.
        scale: the largest factor; its logarithm is uniform, from one over it.
        shift: the largest share of the extents.
        contrast: pixels' distances from the mean are multiplied by 1 ± it.
        brightness: ± it is added to normalized pixels, half of it in each channel by itself.
    """

    turns: bool
    scale: float = 1.3
    shift: float = 0.15
    contrast: float = 0.2
    brightness: float = 0.2


# A box that is cut by the border stays if so much of its area does.
VISIBLE = 0.3
SMALLEST = 2.0  # pixels


def draw_maps(count, views, generator):
    """Matrices [count, 2, 2], signed permutations times a scale, and shifts [count, 2] as shares of the
    extents, x first."""
    def uniform(*shape):
        return torch.rand(*shape, generator=generator)

    signs = torch.where(uniform(count, 2) < 0.5, -1.0, 1.0)
    if not views.turns:
        signs[:, 1] = 1
    matrices = torch.diag_embed(signs)
    turned = uniform(count) < (0.5 if views.turns else 0.0)
    matrices[turned] = matrices[turned].flip(2)
    scales = views.scale ** (2 * uniform(count) - 1)
    return matrices * scales[:, None, None], (2 * uniform(count, 2) - 1) * views.shift


def view(pictures, chosen, architecture, views, generator):
    """Normalized images [n, C, *canvas] of random views of the chosen pictures, with boxes and labels."""
    count, (rows, columns) = len(chosen), pictures.extents
    matrices, shifts = draw_maps(count, views, generator)
    # A point p of the picture, x first, goes to M·(p − c) + c + t, c the picture's centre.
    centre = torch.tensor([columns / 2, rows / 2])
    shifts = shifts * torch.tensor([columns, rows])

    spread = 2 * torch.rand(2, count, 1, 1, 1, generator=generator) - 1
    by_channel = 2 * torch.rand(count, architecture.channels, 1, 1, generator=generator) - 1
    gains = (1 + views.contrast * spread[0]) / (255 * architecture.deviation)
    offsets = views.brightness * (spread[1] + by_channel / 2) / gains - 255 * architecture.mean
    images = pictures.pixels[chosen].float().add_(offsets)
    height, width = architecture.canvas
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    targets = torch.stack([x, y], -1).reshape(1, -1, 2)
    inverse = torch.linalg.inv(matrices)
    sources = (targets - centre - shifts[:, None]) @ inverse.transpose(1, 2) + centre
    grid = (sources / (centre * 2) * 2 - 1).view(count, height, width, 2)
    images = F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    images *= gains  # Around the picture is what normalizes to 0.

    boxes, labels = [], []
    for index, picture in enumerate(chosen.tolist()):
        corners = pictures.boxes[picture].view(-1, 2, 2)
        moved = (corners - centre) @ matrices[index].t() + centre + shifts[index]
        moved = torch.cat([moved.amin(1), moved.amax(1)], 1)
        cut = torch.stack([moved[:, 0::2].clamp(0, width), moved[:, 1::2].clamp(0, height)], 2).flatten(1)
        sides, before = cut[:, 2:] - cut[:, :2], moved[:, 2:] - moved[:, :2]
        kept = (sides.prod(1) >= VISIBLE * before.prod(1)) & (sides.amin(1) >= SMALLEST)
        boxes.append(cut[kept])
        labels.append(pictures.labels[picture][kept])
    return images, boxes, labels
