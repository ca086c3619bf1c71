"""The loops of the adder layers: C on the CPU, PyTorch's own operations elsewhere.

The C loops are built when the package is installed. Where they are not, as in a checkout, they are
compiled once with the system's C compiler (`$CC`, or `cc`); without one, or off the CPU, or in another
type than float32, PyTorch's operations give the same sums, several times slower.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import pathlib
import subprocess
import tempfile
import warnings
from typing import Iterator

import torch
from torch import Tensor

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
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    loaded.adder_forward.argtypes = [pointer] * 3 + [count] * 3
    loaded.adder_forward.restype = None
    loaded.adder_backward.argtypes = [pointer] * 5 + [count] * 3
    loaded.adder_backward.restype = ctypes.c_int
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
    fits = _uses_loops and all(t.device.type == "cpu" and t.dtype == torch.float32 for t in tensors)
    return library() if fits else None


def forward(x: Tensor, f: Tensor) -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|, of x [K, P] and f [O, K], as [O, P]."""
    loops = _loops(x, f)
    if loops is None:
        return plain_forward(x, f)
    x, f = x.contiguous(), f.contiguous()
    y = torch.empty(f.shape[0], x.shape[1])
    loops.adder_forward(
        x.data_ptr(), f.data_ptr(), y.data_ptr(), f.shape[0], f.shape[1], x.shape[1])
    return y


def backward(x: Tensor, f: Tensor, grad_y: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of x [K, P] and f [O, K] for that of y [O, P], as Chen et al. define them:

        grad_f[o, k] = Σₚ grad_y[o, p] · (x[k, p] − f[o, k])                     (section 3.2)
        grad_x[k, p] = Σₒ grad_y[o, p] · clip(f[o, k] − x[k, p], −1, 1)          (section 3.2)

    Raises:
        MemoryError: the C loops have no memory for their partial sums.
    """
    loops = _loops(x, f, grad_y)
    if loops is None:
        return plain_backward(x, f, grad_y)
    x, f, grad_y = x.contiguous(), f.contiguous(), grad_y.contiguous()
    grad_x, grad_f = torch.empty_like(x), torch.empty_like(f)
    status = loops.adder_backward(
        x.data_ptr(), f.data_ptr(), grad_y.data_ptr(), grad_x.data_ptr(), grad_f.data_ptr(),
        f.shape[0], f.shape[1], x.shape[1])
    if status != 0:
        raise MemoryError("adder_backward: no memory for the partial sums")
    return grad_x, grad_f


def plain_forward(x: Tensor, f: Tensor) -> Tensor:
    """As `forward`, in PyTorch's operations."""
    return -torch.cdist(f, x.t().contiguous(), p=1)


def plain_backward(x: Tensor, f: Tensor, grad_y: Tensor) -> tuple[Tensor, Tensor]:
    """As `backward`, in PyTorch's operations, tap by tap: memory is that of one [O, P]."""
    grad_x, grad_f = torch.empty_like(x), torch.empty_like(f)
    for k in range(x.shape[0]):
        difference = x[k] - f[:, k, None]
        grad_f[:, k] = (grad_y * difference).sum(1)
        grad_x[k] = -(grad_y * difference.clamp(-1, 1)).sum(0)
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
