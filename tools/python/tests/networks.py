"""Networks that the tests export: adder layers as others write them, and what is built of them."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Distance(torch.autograd.Function):
    """−Σ|x − w| as a function with a gradient of its own, which torch.fx cannot trace."""

    @staticmethod
    def forward(ctx: Any, filters: Tensor, columns: Tensor) -> Tensor:
        ctx.save_for_backward(filters, columns)
        return -(filters.unsqueeze(2) - columns.unsqueeze(0)).abs().sum(1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        raise NotImplementedError


class Adder2d(nn.Module):
    """An adder layer with one stride and padding, its bias called `b`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, padding: int = 0,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.kernel_size = stride, padding, kernel
        self.adder = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = bias
        if bias:
            self.b = nn.Parameter(torch.randn(outputs))

    def forward(self, x: Tensor) -> Tensor:
        count, _, height, width = x.size()
        rows = int((height - self.kernel_size + 2 * self.padding) / self.stride + 1)
        columns = int((width - self.kernel_size + 2 * self.padding) / self.stride + 1)
        windows = F.unfold(x, self.kernel_size, 1, self.padding, self.stride)
        windows = windows.permute(1, 2, 0).contiguous().view(windows.size(1), -1)
        filters = self.adder.view(self.adder.size(0), -1)
        y = Distance.apply(filters, windows)
        y = y.view(-1, rows, columns, count).permute(3, 0, 1, 2).contiguous()
        return y + self.b.unsqueeze(0).unsqueeze(2).unsqueeze(3) if self.bias else y


class GroupedAdder2d(nn.Module):
    """An adder layer with groups, dilation and (left, right, top, bottom) padding, by cdist."""

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int, int, int] = (0, 0, 0, 0), dilation: int = 1, groups: int = 1,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        self.adder = nn.Parameter(torch.randn(outputs, inputs // groups, *kernel))
        self.bias = nn.Parameter(torch.randn(outputs))

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, self.padding)
        kernel = self.adder.shape[2:]
        extents = [
            (x.shape[2 + i] - self.dilation * (kernel[i] - 1) - 1) // self.stride[i] + 1
            for i in range(2)
        ]
        results = []
        for part, filters in zip(x.chunk(self.groups, 1), self.adder.chunk(self.groups, 0)):
            windows = F.unfold(part, tuple(kernel), self.dilation, 0, self.stride)
            y = -torch.cdist(windows.transpose(1, 2), filters.flatten(1), p=1.0)
            results.append(y.transpose(1, 2).reshape(len(x), -1, *extents))
        return torch.cat(results, 1) + self.bias.view(1, -1, 1, 1)


class BasicBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = Adder2d(inputs, outputs, 3, stride, 1)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = Adder2d(outputs, outputs, 3, 1, 1)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                Adder2d(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        residual = x
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.downsample is not None:
            residual = self.downsample(x)
        y += residual
        return self.relu(y)


class ResNet20(nn.Module):
    """ResNet-20 of adder layers, whose first and last layers are convolutions."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = self._stage(16, 16, 1)
        self.layer2 = self._stage(16, 32, 2)
        self.layer3 = self._stage(32, 64, 2)
        self.avgpool = nn.AvgPool2d(8)
        self.fc = nn.Conv2d(64, classes, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(classes)

    @staticmethod
    def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
        return nn.Sequential(
            BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1),
            BasicBlock(outputs, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        x = self.bn2(self.fc(self.avgpool(x)))
        return x.view(x.size(0), -1)


class VGGSmall(nn.Module):
    """Pairs of adder layers and pools, in one Sequential, and a classifier with dropout."""

    def __init__(self, width: int = 16, classes: int = 10) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(width), nn.ReLU()]
        inputs = width
        for outputs in (width, 2 * width, 4 * width):
            layers += [Adder2d(inputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs), nn.ReLU(True)]
            layers += [Adder2d(outputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs)]
            layers += [nn.MaxPool2d(2), nn.ReLU(True)]
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.5), nn.Linear(4 * width * 16, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


class PreActivation(nn.Module):
    """Batch norm and ReLU before each layer, functional, and sums that no ReLU follows."""

    def __init__(self, width: int = 16, depth: int = 3, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(2 * depth))
        self.layers = nn.ModuleList(Adder2d(width, width, 3, 1, 1) for _ in range(2 * depth))
        self.scales = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(depth))
        self.last = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for i, scale in enumerate(self.scales):
            y = x
            for j in (2 * i, 2 * i + 1):
                y = self.layers[j](F.relu(self.norms[j](y)))
            x = x + scale(y)
        return self.fc(F.relu(self.last(x)).mean((2, 3)))


class Various(nn.Module):
    """Groups, dilation, asymmetric padding, joins, pools and resizings; several outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, stride=2, padding=(1, 2), bias=True)
        self.bn1 = nn.BatchNorm2d(12)
        self.grouped = GroupedAdder2d(12, 24, (3, 2), (1, 1), (1, 0, 2, 0), 1, groups=3)
        self.bn2 = nn.BatchNorm2d(24)
        self.dilated = GroupedAdder2d(24, 24, (3, 3), (2, 1), (2, 2, 2, 2), 2, groups=24)
        self.bn3 = nn.BatchNorm2d(24)
        self.point = Adder2d(24, 16, 1, bias=True)
        self.bn4 = nn.BatchNorm2d(16)
        self.pad = nn.ZeroPad2d((0, 1, 1, 0))
        self.shuffle = nn.PixelShuffle(2)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.head = nn.Conv2d(20, 5, 1)
        self.fc = nn.Linear(16, 7)

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        x = F.relu6(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.grouped(x)))
        x = F.relu(self.bn3(self.dilated(x)))
        y = F.relu(self.bn4(self.point(x)))
        padded = F.avg_pool2d(self.pad(y), 2, 1)
        joined = torch.cat([self.shuffle(y), self.up(padded)], dim=-3)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(y, 1), 1)), {"map": self.head(joined)}


class Activations(nn.Module):
    """Every activation, behind layers whose channels are shuffled, pooled and enlarged."""

    def __init__(self) -> None:
        super().__init__()
        curves = [
            nn.LeakyReLU(0.1), nn.PReLU(12, 0.3), nn.PReLU(), nn.Hardswish(), nn.Hardsigmoid(),
            nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.GELU(), nn.GELU(approximate="tanh")]
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 2), nn.BatchNorm2d(12))
        self.layers = nn.ModuleList(Adder2d(12, 12, 3, 1, 1) for _ in curves)
        self.norms = nn.ModuleList(nn.BatchNorm2d(12) for _ in curves)
        self.curves = nn.ModuleList(curves)
        self.shuffle = nn.ChannelShuffle(3)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.up = nn.Upsample(scale_factor=(2, 1))
        self.adaptive = nn.AdaptiveAvgPool2d((2, 4))
        self.fc = nn.Linear(96, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.stem(x))
        for i, (layer, norm, curve) in enumerate(zip(self.layers, self.norms, self.curves)):
            x = curve(norm(layer(x)))
            if i % 3 == 0:
                x = self.shuffle(x)
        return self.fc(self.adaptive(self.up(x)).flatten(1))


def settle(model: nn.Module, *examples: Tensor, seed: int = 1) -> nn.Module:
    """Gives batch norms the statistics of a batch and scales of their own, as training does."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = None
            module.reset_running_stats()
            with torch.no_grad():
                module.weight.copy_(torch.rand(module.num_features, generator=generator) + 0.5)
                module.bias.copy_(0.3 * torch.randn(module.num_features, generator=generator))
    model.train()
    with torch.no_grad():
        model(*examples)
    return model.eval()
