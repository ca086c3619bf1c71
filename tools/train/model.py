"""LeNet-5 whose five layers are adder layers, each followed by batch normalization."""

import sys
from pathlib import Path

import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from adder_tools.nn import Adder2d  # noqa: E402


class AdderLeNet5(nn.Module):
    """Maps normalized images [N, 1, 28, 28] to logits [N, 10].

    The parameter names (`conv1.adder`, `bn1.*` … `fc2.adder`, `bn5.*`) are how the compiler
    recognises the architecture.
    """

    def __init__(self, in_channels=1, class_count=10):
        super().__init__()
        self.conv1 = Adder2d(in_channels, 6, 5, padding=2)
        self.bn1 = nn.BatchNorm2d(6)
        self.conv2 = Adder2d(6, 16, 5)
        self.bn2 = nn.BatchNorm2d(16)
        self.conv3 = Adder2d(16, 120, 5)
        self.bn3 = nn.BatchNorm2d(120)
        self.fc1 = Adder2d(120, 84, 1)
        self.bn4 = nn.BatchNorm2d(84)
        self.fc2 = Adder2d(84, class_count, 1)
        self.bn5 = nn.BatchNorm2d(class_count)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(images))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.relu(self.bn3(self.conv3(x)))
        x = F.relu(self.bn4(self.fc1(x)))
        return self.bn5(self.fc2(x)).flatten(1)
