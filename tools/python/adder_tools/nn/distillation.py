"""What a convolution network teaches an adder network of the same shape."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def soft_target_loss(student: Tensor, teacher: Tensor, temperature: float = 4.0) -> Tensor:
    """T² · KL(softmax(teacher / T) ‖ softmax(student / T)), mean over the batch (Hinton et al., 2015).

    Args:
        student, teacher: logits, [N, classes].
    """
    return F.kl_div(
        F.log_softmax(student / temperature, 1), F.log_softmax(teacher.detach() / temperature, 1),
        reduction="batchmean", log_target=True) * temperature ** 2


class KernelDistillation(nn.Module):
    """Features of student and teacher, brought together by kernels and linear maps (after Xu et al.,
    "Kernel Based Progressive Distillation for Adder Neural Networks", NeurIPS 2020).

    An adder layer's outputs are distances, a convolution's are products; as they are they do not
    compare. So the student's, −‖x − f‖₁, become exp(y / s), and the teacher's exp(−|y| / s), s the mean
    size of each over the batch; a learned 1×1 convolution with batch norm maps each to the same number
    of channels, and the loss is the mean squared difference of both.

    Args:
        student, teacher: the networks; hooks read the outputs of the named modules.
        pairs: names of modules, (student's, teacher's), with outputs of the same height and width.
        example: a batch of images, from which channels are read.

    Its own parameters (`distillation.parameters()`) train with the student's. Call it after both
    networks have run on one batch.
    """

    def __init__(
            self, student: nn.Module, teacher: nn.Module, pairs: list[tuple[str, str]],
            example: Tensor) -> None:
        super().__init__()
        self._outputs: dict[tuple[str, str], Tensor] = {}
        self._pairs, self._hooks = list(pairs), []
        for role, network, place in (("student", student, 0), ("teacher", teacher, 1)):
            modules = dict(network.named_modules())
            for name in {pair[place] for pair in pairs}:
                if name not in modules:
                    raise ValueError(f"the {role} has no module '{name}'")
                self._hooks.append(modules[name].register_forward_hook(self._reader(role, name)))
        with torch.no_grad():
            modes = student.training, teacher.training
            student.eval()(example), teacher.eval()(example)
            student.train(modes[0]), teacher.train(modes[1])
        self.maps = nn.ModuleList()
        for pair in pairs:
            a, b = self._outputs["student", pair[0]], self._outputs["teacher", pair[1]]
            if a.dim() != 4 or b.dim() != 4 or a.shape[2:] != b.shape[2:]:
                raise ValueError(
                    f"outputs of '{pair[0]}' and '{pair[1]}' do not pair: {list(a.shape)} and"
                    f" {list(b.shape)}")
            self.maps.append(nn.ModuleList([
                nn.Sequential(nn.Conv2d(t.shape[1], b.shape[1], 1, bias=False),
                              nn.BatchNorm2d(b.shape[1], affine=False)) for t in (a, b)]))

    def _reader(self, role: str, name: str) -> Any:
        def read(module: nn.Module, inputs: Any, output: Tensor) -> None:
            self._outputs[role, name] = output

        return read

    def forward(self) -> Tensor:
        """The mean loss of the pairs for the batch that both networks saw last."""
        losses = []
        for pair, maps in zip(self._pairs, self.maps):
            a = self._outputs["student", pair[0]]
            b = self._outputs["teacher", pair[1]].detach()
            sizes = [t.detach().abs().mean().clamp_min(1e-12) for t in (a, b)]
            assert isinstance(maps, nn.ModuleList)
            losses.append(F.mse_loss(
                maps[0](torch.exp(a.clamp_max(0) / sizes[0])), maps[1](torch.exp(-b.abs() / sizes[1]))))
        return torch.stack(losses).mean()

    def remove(self) -> None:
        """Takes the hooks from both networks."""
        for hook in self._hooks:
            hook.remove()
