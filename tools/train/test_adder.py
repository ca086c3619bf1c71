"""Compares the adder layer's kernels with the paper's formulas, written out in float64 numpy."""

import unittest

import numpy as np
import torch

import kernels
from adder import ADAPTIVE_RATE, AdderConv2d, AdderFunction, adder_plain

# O, K, P: a block of the kernels is 64 receptive fields, so one below, at and above it.
SHAPES = [(1, 1, 1), (3, 7, 63), (6, 25, 64), (16, 150, 65), (84, 120, 130)]


def random_case(filters, taps, fields):
    generator = torch.Generator().manual_seed(2020)
    x, f, grad_y = (
        torch.randn(shape, generator=generator)
        for shape in ((taps, fields), (filters, taps), (filters, fields)))
    # [O, K, P]
    difference = x.double().numpy()[np.newaxis] - f.double().numpy()[:, :, np.newaxis]
    return x, f, grad_y, difference


class AdderTests(unittest.TestCase):
    def test_both_forward_passes_sum_absolute_differences(self):
        for shape in SHAPES:
            x, f, _, difference = random_case(*shape)
            expected = -np.abs(difference).sum(1)
            for forward in (kernels.forward, adder_plain):
                with self.subTest(shape=shape, forward=forward.__name__):
                    np.testing.assert_allclose(forward(x, f).numpy(), expected, rtol=1e-5)

    def test_the_filter_gradient_is_the_full_precision_difference(self):
        for shape in SHAPES:
            x, f, grad_y, difference = random_case(*shape)
            expected = np.einsum("op,okp->ok", grad_y.double().numpy(), difference)
            with self.subTest(shape=shape):
                _, grad_f = kernels.backward(x, f, grad_y)
                np.testing.assert_allclose(grad_f.numpy(), expected, rtol=1e-4, atol=1e-4)

    def test_the_input_gradient_is_clipped_to_one(self):
        for shape in SHAPES:
            x, f, grad_y, difference = random_case(*shape)
            clipped = np.clip(-difference, -1, 1)
            expected = np.einsum("op,okp->kp", grad_y.double().numpy(), clipped)
            with self.subTest(shape=shape):
                grad_x, _ = kernels.backward(x, f, grad_y)
                np.testing.assert_allclose(grad_x.numpy(), expected, rtol=1e-4, atol=1e-4)

    def test_the_local_rate_fixes_the_norm_of_the_filter_gradient(self):
        x, f, grad_y, _ = random_case(6, 25, 64)
        f.requires_grad_()
        AdderFunction.apply(x, f).backward(grad_y)
        self.assertAlmostEqual(f.grad.norm().item(), ADAPTIVE_RATE * 150 ** 0.5, places=4)

    def test_a_layer_pads_with_zeros_that_count(self):
        layer = AdderConv2d(1, 1, 3, padding=1)
        torch.nn.init.ones_(layer.adder)
        image = torch.full((1, 1, 2, 2), 3.0)
        # Each field holds four pixels of 3 and five padding zeros: −(4·2 + 5·1) = −13.
        for mode in (True, False):
            y = layer.train(mode)(image)
            self.assertEqual(y.tolist(), [[[[-13.0, -13.0], [-13.0, -13.0]]]])

    def test_the_result_does_not_depend_on_the_thread_count(self):
        x, f, grad_y, _ = random_case(16, 150, 1000)
        before = torch.get_num_threads()
        results = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            results.append(kernels.backward(x, f, grad_y))
        torch.set_num_threads(before)
        for one, two in zip(*results):
            self.assertTrue(torch.equal(one, two))


if __name__ == "__main__":
    unittest.main()
