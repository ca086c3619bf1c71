"""Focal loss of classes, GIoU loss of boxes and cross-entropy of centerness, as FCOS has them."""

import torch
import torch.nn.functional as F

ALPHA, GAMMA = 0.25, 2.0  # Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017


def flatten(outputs):
    """A detector's outputs as [N, L, classes], [N, L, 4] and [N, L], locations level after level."""
    return tuple(
        torch.cat([tensor.flatten(2) for tensor in outputs[part::3]], 2).transpose(1, 2)
        for part in range(3))


def focal(logits, wanted):
    """−α·(1 − p)^γ·log p, summed: p is the probability of what is wanted, 1 or, with 1 − α for α, 0."""
    probability = logits.sigmoid()
    missed = torch.where(wanted, 1 - probability, probability)
    entropy = F.softplus(torch.where(wanted, -logits, logits))
    return (torch.where(wanted, ALPHA, 1 - ALPHA) * missed ** GAMMA * entropy).sum()


def giou(a, b):
    """Generalized IoU (Rezatofighi et al., CVPR 2019) of boxes around one point, by their distances [n, 4]."""
    def area(sides):
        return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])

    both, around = area(torch.minimum(a, b)), area(torch.maximum(a, b))
    union = area(a) + area(b) - both
    return both / union - (around - union) / around


def detection_loss(outputs, targets):
    """The sum of three means: focal loss over boxes' locations, 1 − GIoU weighted by centerness, and the
    cross-entropy of centerness."""
    logits, distances, centerness = flatten(outputs)
    labels, sides, centre = targets
    found = labels >= 0
    count = found.sum().clamp_min(1)
    wanted = labels[..., None] == torch.arange(logits.shape[2])
    weights = centre[found]
    boxes = ((1 - giou(distances[found], sides[found])) * weights).sum() / weights.sum().clamp_min(1e-6)
    quality = F.binary_cross_entropy_with_logits(
        centerness[..., 0][found], weights, reduction="sum") / count
    return focal(logits, wanted) / count + boxes + quality
