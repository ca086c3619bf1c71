"""The adder layer of AdderNet (Chen et al., "AdderNet", CVPR 2020) for PyTorch."""

import math

import torch
import torch.nn.functional as F
from torch import nn

import kernels

# η of the paper's section 3.3: how far one step moves a filter, per unit of learning rate.
ADAPTIVE_RATE = 0.2


class AdderFunction(torch.autograd.Function):
    """`y[o, p] = −Σₖ |x[k, p] − f[o, k]|` with the gradients of the paper.

    x [K, P] holds one receptive field per column, f [O, K] one filter per row, y is [O, P].

    The gradient of the filters is the full-precision difference `x − f` (section 3.2), scaled by
    the adaptive local learning rate `η·√k / ‖gradient‖₂`, k the elements in f (section 3.3).
    The gradient of the input is `HardTanh(f − x)` (section 3.2).
    """

    @staticmethod
    def forward(ctx, x, f):
        ctx.save_for_backward(x, f)
        return kernels.forward(x, f)

    @staticmethod
    def backward(ctx, grad_y):
        x, f = ctx.saved_tensors
        grad_x, grad_f = kernels.backward(x, f, grad_y.contiguous())
        local_rate = ADAPTIVE_RATE * math.sqrt(f.numel()) / grad_f.norm().clamp_min(1e-12)
        return grad_x, grad_f * local_rate


def adder_plain(x, f):
    """The same forward pass in PyTorch's own operations: the definition, without gradients."""
    return -torch.cdist(f, x.t(), p=1)


class AdderConv2d(nn.Module):
    """A convolution whose products are replaced by negated absolute differences; no bias.

    In training mode the compiled kernels run; in evaluation mode plain PyTorch does, so that a
    trained network is judged by code that shares nothing with the kernels.
    """

    def __init__(self, in_channels, out_channels, kernel_size, padding=0):
        super().__init__()
        self.kernel_size = kernel_size
        self.padding = padding
        self.adder = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))

    def forward(self, images):
        """Maps [N, in, H, W] to [N, out, H′, W′], stride 1; padding is with zeros."""
        count, _, height, width = images.shape
        columns = F.unfold(images, self.kernel_size, padding=self.padding)  # [N, K, P]
        x = columns.transpose(0, 1).reshape(columns.shape[1], -1)  # [K, N·P]
        f = self.adder.flatten(1)
        y = AdderFunction.apply(x, f) if self.training else adder_plain(x, f)
        shrink = 2 * self.padding - self.kernel_size + 1
        y = y.view(-1, count, height + shrink, width + shrink)
        return y.transpose(0, 1).contiguous()
