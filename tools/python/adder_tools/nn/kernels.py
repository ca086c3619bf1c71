"""The loops of the adder layers: C on the CPU, PyTorch's own operations elsewhere.

The C loops are built when the package is installed. Where they are not, as in a checkout, they are
compiled once with the system's C compiler (`$CC`, or `cc`); without one, or off the CPU, or in another
type than float32, PyTorch's operations give the same sums, several times slower.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import functools
import os
import pathlib
import subprocess
import tempfile
import warnings
from typing import Iterator

import torch
from torch import Tensor
from torch.nn.grad import conv2d_weight

_uses_loops = True

SOURCE = pathlib.Path(__file__).with_name("adder_kernels.c")
FLAGS = ["-std=c11", "-O3", "-fopenmp", "-fno-trapping-math", "-fno-math-errno"]


@functools.lru_cache(maxsize=None)
def library() -> ctypes.CDLL | None:
    """The compiled loops; None, with a warning, where there are none."""
    built = sorted(SOURCE.parent.glob("_adder_kernels*.so"))
    if built:
        return _declare(ctypes.CDLL(str(built[0])))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "adder_kernels.so")
        command = [os.environ.get("CC", "cc"), *FLAGS, "-shared", "-fPIC", "-o", path, str(SOURCE),
                   "-lm"]
        try:
            result = subprocess.run(command, capture_output=True, text=True)
            failure = result.stderr.strip()[-300:] if result.returncode else ""
        except OSError as error:
            failure = str(error)
        if failure:
            warnings.warn(
                f"adder layers run on PyTorch's operations, several times slower, as"
                f" {' '.join(command[:1])} does not compile {SOURCE.name}: {failure}", stacklevel=2)
            return None
        return _declare(ctypes.CDLL(path))


def _declare(loaded: ctypes.CDLL) -> ctypes.CDLL:
    pointer = ctypes.c_void_p
    loaded.adder_windows.argtypes = [pointer] * 4 + [ctypes.c_int]
    loaded.adder_windows.restype = ctypes.c_int
    loaded.adder_windows_backward.argtypes = [pointer] * 5 + [ctypes.c_int] * 2
    loaded.adder_windows_backward.restype = ctypes.c_int
    return loaded


@contextlib.contextmanager
def plain() -> Iterator[None]:
    """PyTorch's operations everywhere, which share nothing with the loops: to check these by."""
    global _uses_loops
    before, _uses_loops = _uses_loops, False
    try:
        yield
    finally:
        _uses_loops = before


def _loops(*tensors: Tensor) -> ctypes.CDLL | None:
    # Those of torch.export, which have no elements, are of other classes.
    fits = _uses_loops and all(
        t.device.type == "cpu" and t.dtype == torch.float32 and type(t) in (Tensor, torch.nn.Parameter)
        for t in tensors)
    return library() if fits else None


def has_loops(*tensors: Tensor) -> bool:
    """Whether the C loops take these tensors."""
    return _loops(*tensors) is not None


@dataclasses.dataclass(frozen=True)
class Windows:
    """How filters pass over padded images."""

    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1

    def extents(self, height: int, width: int, kernel: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of the output."""
        rows, columns = (
            (size - dilation * (window - 1) - 1) // stride + 1
            for size, window, stride, dilation in zip(
                (height, width), kernel, self.stride, self.dilation))
        return rows, columns

    def _shape(self, images: Tensor, filters: Tensor) -> ctypes.Array[ctypes.c_int64]:
        """The `Shape` of adder_kernels.c."""
        kernel = (filters.shape[2], filters.shape[3])
        return (ctypes.c_int64 * 14)(
            *images.shape, len(filters), self.groups, *kernel, *self.stride, *self.dilation,
            *self.extents(images.shape[2], images.shape[3], kernel))


def windows_forward(images: Tensor, filters: Tensor, windows: Windows) -> Tensor:
    """y[n, o, i, j] = −Σ |x − f| over the window and the channels of o's group, by the C loops.

    Args:
        images: padded, [N, C, H, W].
        filters: [O, C / groups, height, width].

    Raises:
        MemoryError: the C loops have no memory for their tiles.
    """
    loops = library()
    assert loops is not None
    images, filters = images.contiguous(), filters.contiguous()
    shape = windows._shape(images, filters)
    y = torch.empty(len(images), len(filters), shape[12], shape[13])
    _check(loops.adder_windows(
        shape, images.data_ptr(), filters.data_ptr(), y.data_ptr(), torch.get_num_threads()))
    return y


def windows_backward(
        images: Tensor, filters: Tensor, grad_y: Tensor, windows: Windows,
        input_gradient: str = "clip", needs: tuple[bool, bool] = (True, True),
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of images and filters for that of `windows_forward`, with k for a tap of a window:

        grad_f[o, k] = Σ grad_y · (x − f[o, k])                          (Chen et al. 2020, section 3.2)
        grad_x = Σ grad_y · clip(f[o, k] − x, −1, 1)                     (the same)
        with "sign" grad_x = Σ grad_y · (1 where f[o, k] ≥ x, else −1)

    Args:
        needs: which of both are wanted; the other is None.

    Raises:
        MemoryError: the C loops have no memory for their tiles.
    """
    loops = library()
    assert loops is not None
    images, filters, grad_y = images.contiguous(), filters.contiguous(), grad_y.contiguous()
    grad_x = grad_f = None
    if needs[0]:
        grad_x = torch.zeros_like(images)
        _check(loops.adder_windows_backward(
            windows._shape(images, filters), images.data_ptr(), filters.data_ptr(),
            grad_y.data_ptr(), grad_x.data_ptr(), int(input_gradient == "sign"),
            torch.get_num_threads()))
    if needs[1]:
        # Σ grad_y · x is a convolution's gradient, for which PyTorch has fast loops.
        grad_f = conv2d_weight(
            images, filters.shape, grad_y, windows.stride, 0, windows.dilation, windows.groups)
        grad_f -= filters * grad_y.sum((0, 2, 3))[:, None, None, None]
    return grad_x, grad_f


def _check(status: int) -> None:
    if status != 0:
        raise MemoryError("adder layers: no memory for a tile of windows")


def forward(x: Tensor, f: Tensor) -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|, of x [K, P] and f [O, K], as [O, P]."""
    if _loops(x, f) is None:
        return plain_forward(x, f)
    return windows_forward(x[None, :, None], f[:, :, None, None], Windows())[0, :, 0]


def backward(
        x: Tensor, f: Tensor, grad_y: Tensor, input_gradient: str = "clip") -> tuple[Tensor, Tensor]:
    """The gradients of x [K, P] and f [O, K] for that of y [O, P], as those of `windows_backward`."""
    if _loops(x, f, grad_y) is None:
        return plain_backward(x, f, grad_y, input_gradient)
    grad_x, grad_f = windows_backward(
        x[None, :, None], f[:, :, None, None], grad_y[None, :, None], Windows(), input_gradient)
    assert grad_x is not None and grad_f is not None
    return grad_x[0, :, 0], grad_f[:, :, 0, 0]


def plain_forward(x: Tensor, f: Tensor) -> Tensor:
    """As `forward`, in PyTorch's operations."""
    return -torch.cdist(f, x.t().contiguous(), p=1)


def plain_backward(
        x: Tensor, f: Tensor, grad_y: Tensor, input_gradient: str = "clip") -> tuple[Tensor, Tensor]:
    """As `backward`, in PyTorch's operations, tap by tap: memory is that of one [O, P]."""
    grad_x, grad_f = torch.empty_like(x), torch.empty_like(f)
    for k in range(x.shape[0]):
        difference = x[k] - f[:, k, None]
        grad_f[:, k] = (grad_y * difference).sum(1)
        if input_gradient == "sign":
            slope = torch.where(difference > 0, 1.0, -1.0).to(x.dtype)
        else:
            slope = difference.clamp(-1, 1)
        grad_x[k] = -(grad_y * slope).sum(0)
    return grad_x, grad_f


def power_forward(x: Tensor, f: Tensor, power: float) -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|ᵖ for a power of 1 to 2, tap by tap."""
    if power == 2:
        return 2 * (f @ x) - f.square().sum(1)[:, None] - x.square().sum(0)
    y = x.new_zeros(f.shape[0], x.shape[1])
    for k in range(x.shape[0]):
        y -= (x[k] - f[:, k, None]).abs().pow(power)
    return y


def power_backward(
        x: Tensor, f: Tensor, grad_y: Tensor, power: float) -> tuple[Tensor, Tensor]:
    """The derivatives of `power_forward`: with d = x − f, ∂y/∂f = p·|d|ᵖ⁻¹·sgn(d) = −∂y/∂x."""
    if power == 2:
        grad_f = 2 * (grad_y @ x.t() - grad_y.sum(1)[:, None] * f)
        grad_x = 2 * (f.t() @ grad_y - x * grad_y.sum(0))
        return grad_x, grad_f
    grad_x, grad_f = torch.empty_like(x), torch.empty_like(f)
    for k in range(x.shape[0]):
        difference = x[k] - f[:, k, None]
        slope = grad_y * difference.abs().pow(power - 1) * difference.sign() * power
        grad_f[:, k] = slope.sum(1)
        grad_x[k] = -slope.sum(0)
    return grad_x, grad_f
