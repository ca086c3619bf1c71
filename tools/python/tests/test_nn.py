"""Adder layers against their formulas in float64, and what trains them."""

import contextlib
import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from adder_tools.nn import (
    Adder2d, AdderLinear, AdaptiveRate, KernelDistillation, PowerSchedule, adder_layers, adder_sums,
    filter_norm, fold, soft_target_loss)
from adder_tools.nn import kernels

# O, K, P: a tile of the C loops is 32 receptive fields, so some below, at and above it.
SHAPES = [(1, 1, 1), (3, 7, 31), (6, 25, 64), (16, 150, 65), (84, 120, 130)]


def random_case(filters, taps, fields):
    generator = torch.Generator().manual_seed(2020)
    x, f, grad_y = (
        torch.randn(shape, generator=generator)
        for shape in ((taps, fields), (filters, taps), (filters, fields)))
    # [O, K, P]
    difference = x.double().numpy()[np.newaxis] - f.double().numpy()[:, :, np.newaxis]
    return x, f, grad_y, difference


def test_the_c_loops_are_there():
    assert kernels.library() is not None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("forward", [kernels.forward, kernels.plain_forward])
def test_forward_sums_absolute_differences(shape, forward):
    x, f, _, difference = random_case(*shape)
    np.testing.assert_allclose(forward(x, f).numpy(), -np.abs(difference).sum(1), rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("backward", [kernels.backward, kernels.plain_backward])
def test_gradients_are_those_of_the_paper(shape, backward):
    x, f, grad_y, difference = random_case(*shape)
    grad_x, grad_f = backward(x, f, grad_y)
    g = grad_y.double().numpy()
    np.testing.assert_allclose(
        grad_f.numpy(), np.einsum("op,okp->ok", g, difference), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        grad_x.numpy(), np.einsum("op,okp->kp", g, np.clip(-difference, -1, 1)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("backward", [kernels.backward, kernels.plain_backward])
def test_the_input_gradient_may_be_the_sign(shape, backward):
    x, f, grad_y, _ = random_case(*shape)
    x[0, 0] = f[0, 0]  # where both are equal it is 1
    grad_x, grad_f = backward(x, f, grad_y, "sign")
    difference = x.double().numpy()[np.newaxis] - f.double().numpy()[:, :, np.newaxis]
    slope = np.where(difference > 0, -1.0, 1.0)
    g = grad_y.double().numpy()
    np.testing.assert_allclose(grad_x.numpy(), np.einsum("op,okp->kp", g, slope), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        grad_f.numpy(), np.einsum("op,okp->ok", g, difference), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("power", [1.3, 2.0])
def test_gradients_of_a_power_are_its_derivatives(power):
    generator = torch.Generator().manual_seed(3)
    x, f = (torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
            for shape in ((5, 7), (3, 5)))
    assert torch.autograd.gradcheck(lambda a, b: adder_sums(a, b, power), (x, f))


def naive(layer, images):
    """The layer's definition, in float64 loops over its output."""
    top, left, bottom, right = layer.padding
    x = np.pad(images.double().numpy(), ((0, 0), (0, 0), (top, bottom), (left, right)))
    f = layer.adder.detach().double().numpy()
    (kh, kw), (sh, sw), (dh, dw) = layer.kernel_size, layer.stride, layer.dilation
    height = (x.shape[2] - dh * (kh - 1) - 1) // sh + 1
    width = (x.shape[3] - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((len(x), len(f), height, width))
    per_group = len(f) // layer.groups
    for o in range(len(f)):
        first = o // per_group * f.shape[1]
        for i in range(height):
            for j in range(width):
                window = x[:, first:first + f.shape[1], i * sh:i * sh + dh * (kh - 1) + 1:dh,
                           j * sw:j * sw + dw * (kw - 1) + 1:dw]
                y[:, o, i, j] = -np.abs(window - f[o]).sum((1, 2, 3))
    bias = 0 if layer.bias is None else layer.bias.detach().double().numpy()[:, None, None]
    return y + bias


@pytest.mark.parametrize("options", [
    dict(),
    dict(padding=1, bias=True),
    dict(stride=(2, 1), padding=(1, 0)),
    dict(groups=2, dilation=(1, 2), padding=(0, 1, 2, 3)),
    dict(groups=4, padding=1),
])
def test_layers_are_as_defined(options):
    torch.manual_seed(1)
    layer = Adder2d(4, 8, (3, 2), **options)
    if layer.bias is not None:
        nn.init.normal_(layer.bias)
    images = torch.randn(3, 4, 9, 8)
    np.testing.assert_allclose(
        layer(images).detach().numpy(), naive(layer, images), rtol=1e-4, atol=1e-4)


# Windows per image below, at and above a tile of 32, runs of one column, groups, and filters and taps that leave a
# rest of four.
LAYERS = [
    dict(in_channels=3, out_channels=5, kernel_size=3, padding=1, stride=2),
    dict(in_channels=4, out_channels=6, kernel_size=(3, 2), groups=2, dilation=(1, 2), padding=(0, 1, 2, 3)),
    dict(in_channels=2, out_channels=9, kernel_size=(7, 9)),
    dict(in_channels=3, out_channels=4, kernel_size=1),
]


@pytest.mark.parametrize("options", LAYERS)
@pytest.mark.parametrize("input_gradient", ["clip", "sign"])
@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_c_loops_give_what_operations_of_pytorch_give(options, input_gradient, count):
    torch.manual_seed(2)
    layer = Adder2d(**options, input_gradient=input_gradient)
    images = torch.randn(count, options["in_channels"], 7, 9)
    results = []
    for context in (contextlib.nullcontext(), kernels.plain()):
        x = images.clone().requires_grad_()
        layer.zero_grad()
        with context:
            y = layer(x)
            torch.manual_seed(3)
            y.backward(torch.randn(y.shape))
        results.append((y.detach(), x.grad, layer.adder.grad))
    for ours, theirs in zip(*results):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-3)


def test_results_do_not_depend_on_the_number_of_threads():
    torch.manual_seed(2)
    layer = Adder2d(3, 5, 3, padding=1, input_gradient="sign")
    images, threads = torch.randn(11, 3, 5, 7), torch.get_num_threads()
    results = []
    for count in (1, 2):
        torch.set_num_threads(count)
        x = images.clone().requires_grad_()
        y = layer(x)
        y.square().sum().backward()
        results.append((y.detach(), x.grad))
    torch.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(*results))


def test_a_linear_layer_is_one_of_single_pixels():
    torch.manual_seed(1)
    linear, convolution = AdderLinear(7, 5, bias=True), Adder2d(7, 5, 1)
    convolution.adder.data.copy_(linear.adder.data[:, :, None, None])
    x = torch.randn(2, 3, 7)
    expected = convolution(x.view(6, 7, 1, 1)).view(2, 3, 5)
    torch.testing.assert_close(linear(x), expected)


@pytest.mark.parametrize("make, message", [
    (lambda: Adder2d(4, 6, 3, groups=4), "groups: 4 does not divide"),
    (lambda: Adder2d(4, 6, 0), "kernel_size: expected"),
    (lambda: Adder2d(4, 6, 3, input_gradient="tanh"), "input_gradient: expected"),
    (lambda: Adder2d(4, 6, 3, padding=(1, 2, 3)), "padding: expected"),
    (lambda: Adder2d(4, 6, 3)(torch.zeros(1, 3, 8, 8)), r"expected \[N, 4, H, W\]"),
    (lambda: Adder2d(4, 6, 3)(torch.zeros(1, 4, 2, 8)), "does not fit"),
    (lambda: AdderLinear(4, 6)(torch.zeros(1, 3)), r"expected \[..., 4\]"),
    (lambda: PowerSchedule(Adder2d(4, 6, 3), 0), "expected steps"),
])
def test_what_does_not_fit_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def small_network():
    torch.manual_seed(5)
    return nn.Sequential(
        Adder2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        Adder2d(8, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        AdderLinear(8, 2), nn.BatchNorm1d(2))


def stripes(count, generator):
    """Images of horizontal stripes, class 0, or vertical ones, with noise."""
    labels = torch.randint(2, (count,), generator=generator)
    rows = (torch.arange(12) // 2 % 2).float()
    horizontal = rows[:, None].expand(12, 12)
    images = torch.stack([horizontal if label == 0 else horizontal.t() for label in labels])
    return (images + 0.5 * torch.randn(images.shape, generator=generator))[:, None], labels


@pytest.mark.parametrize("normalize, power", [(False, 1.0), (True, 1.0), (False, 2.0)])
def test_a_network_learns(normalize, power):
    model, generator = small_network(), torch.Generator().manual_seed(1)
    if normalize:
        filter_norm(model)
    optimizer = AdaptiveRate(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), model)
    schedule = PowerSchedule(model, 40, power)
    for _ in range(60):
        images, labels = stripes(32, generator)
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
        schedule.step()
    assert schedule.is_done and all(layer.power == 1 for layer in adder_layers(model))
    images, labels = stripes(200, generator)
    assert (model.eval()(images).argmax(1) == labels).float().mean() > 0.95


def test_normalized_filters_begin_as_they_were_and_fold():
    model = small_network()
    images = torch.randn(4, 1, 12, 12)
    before = model.eval()(images)
    filter_norm(model)
    torch.testing.assert_close(model(images), before, rtol=1e-4, atol=1e-4)
    layer = model[4]
    norm = layer.parametrizations.adder[0]
    norm.gain.data.fill_(2.0)
    norm.shift.data.fill_(0.25)
    rows = layer.adder.detach().flatten(1)
    torch.testing.assert_close(rows.mean(1), torch.full((8,), 0.25), rtol=0, atol=1e-5)
    torch.testing.assert_close(rows.std(1, unbiased=False), torch.full((8,), 2.0), rtol=1e-4, atol=0)
    normalized = model(images)
    keys = set(small_network().state_dict())
    fold(model)
    assert set(model.state_dict()) == keys
    assert torch.equal(model(images), normalized)


def test_the_adaptive_rate_gives_every_layer_the_norm_of_the_paper():
    model = filter_norm(small_network())
    before = copy.deepcopy(model)
    optimizer = AdaptiveRate(torch.optim.SGD(model.parameters(), lr=1.0), model)
    images, labels = stripes(8, torch.Generator().manual_seed(1))
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()
    for old, new in zip(adder_layers(before), adder_layers(model)):
        moved = (new.parametrizations.adder.original - old.parametrizations.adder.original).norm()
        assert moved.item() == pytest.approx(0.2 * new.adder.numel() ** 0.5, rel=1e-3)
    assert optimizer.param_groups[0]["lr"] == 1.0


def test_a_teacher_teaches():
    student = small_network()
    torch.manual_seed(6)
    teacher = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 6, 3),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2)).eval()
    images, _ = stripes(16, torch.Generator().manual_seed(1))
    distillation = KernelDistillation(student, teacher, [("0", "0"), ("4", "4")], images)
    assert student.training
    parameters = [*student.parameters(), *distillation.parameters()]
    optimizer = AdaptiveRate(torch.optim.SGD(parameters, lr=0.05), student)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        with torch.no_grad():
            goal = teacher(images)
        loss = soft_target_loss(student(images), goal) + distillation()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    distillation.remove()
    with pytest.raises(ValueError, match="no module 'nowhere'"):
        KernelDistillation(student, teacher, [("nowhere", "0")], images)
    with pytest.raises(ValueError, match="do not pair"):
        KernelDistillation(student, teacher, [("0", "4")], images)
