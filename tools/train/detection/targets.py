"""Which location of which level is to find which box: adaptive training sample selection (Zhang et al.,
"Bridging the Gap Between Anchor-based and Anchor-free Detection via Adaptive Training Sample Selection",
CVPR 2020)."""

from dataclasses import dataclass

import torch

ANCHOR = 3.0  # side of the square at a location that is compared with boxes, in strides
CANDIDATES = 9  # of a box, on each level


@dataclass
class Locations:
    """All locations of a canvas, level after level: points [L, 2], x first, and strides [L]."""

    points: torch.Tensor
    strides: torch.Tensor
    counts: list

    @classmethod
    def of(cls, architecture):
        points, strides, counts = [], [], []
        for stride in architecture.strides:
            rows, columns = (side // stride for side in architecture.canvas)
            y, x = torch.meshgrid(torch.arange(rows) + 0.5, torch.arange(columns) + 0.5, indexing="ij")
            points.append(stride * torch.stack([x, y], -1).view(-1, 2))
            strides.append(torch.full((rows * columns,), float(stride)))
            counts.append(rows * columns)
        return cls(torch.cat(points), torch.cat(strides), counts)


def iou(a, b):
    """Intersection over union of boxes [..., 4] and [..., 4]."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    both = (high - low).clamp_min(0).prod(-1)
    areas = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1)
    return both / (areas - both).clamp_min(1e-9)


def assign(boxes, labels, locations):
    """Targets of a batch.

    A box's candidates are, on each level, the locations nearest to its centre. It gets those that lie in
    it and whose anchor has at least the IoU mean + deviation over its candidates; a location that several
    boxes want goes to the one with the largest IoU.

    Args:
        boxes, labels: lists of [n, 4] and [n].

    Returns:
        labels [N, L], −1 for background, distances to the sides in strides [N, L, 4], and centerness
        √(min(l, r)/max(l, r) · min(t, b)/max(t, b)) [N, L].
    """
    points, strides = locations.points, locations.strides
    anchors = torch.cat([points - ANCHOR / 2 * strides[:, None], points + ANCHOR / 2 * strides[:, None]], 1)
    most = max(1, max(map(len, boxes)))
    padded, classes = torch.zeros(len(boxes), most, 4), torch.full((len(boxes), most), -1)
    for index, (some, label) in enumerate(zip(boxes, labels)):
        padded[index, :len(some)], classes[index, :len(some)] = some, label
    centres = (padded[..., :2] + padded[..., 2:]) / 2
    overlap = iou(anchors, padded[:, :, None])  # [N, most, L]
    distance = (centres[:, :, None] - points).square().sum(-1)
    candidate = torch.zeros_like(overlap, dtype=torch.bool)
    start = 0
    for count in locations.counts:
        part = distance[..., start:start + count]
        nearest = part.topk(min(CANDIDATES, count), largest=False)[1]
        candidate[..., start:start + count].scatter_(-1, nearest, True)
        start += count
    number = candidate.sum(-1, keepdim=True)
    mean = (overlap * candidate).sum(-1, keepdim=True) / number
    variance = ((overlap - mean).square() * candidate).sum(-1, keepdim=True) / (number - 1)
    sides = torch.cat([points - padded[:, :, None, :2], padded[:, :, None, 2:] - points], -1)
    wanted = (candidate & (overlap >= mean + variance.sqrt()) & (sides.amin(-1) > 0)
              & (classes >= 0)[..., None])
    best, box = torch.where(wanted, overlap, -1.0).max(1)  # [N, L]
    found = best >= 0
    label = torch.where(found, classes.gather(1, box), -1)
    chosen = sides.gather(1, box[:, None, :, None].expand(-1, -1, -1, 4))[:, 0].clamp_min(0)
    ratios = (torch.minimum(chosen[..., :2], chosen[..., 2:])
              / torch.maximum(chosen[..., :2], chosen[..., 2:]).clamp_min(1e-6))
    return label, chosen / strides[:, None], ratios.prod(-1).sqrt()
