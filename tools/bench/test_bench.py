"""What the benchmark measures and how it computes; where adderc and adderrun are built, a run."""

import tempfile
import unittest

from measure import Competitor, interleave, ratio, slope
from networks import LAYERS, Network, resnet18, resnet20
from ours import PROGRAMS, Ours
from report import text
from worker import PeerFailure


class NetworkTests(unittest.TestCase):
    def test_resnet20_has_the_published_differences_and_two_convolutions(self):
        network = resnet20()
        convolutions = 32 * 32 * 16 * 27 + 64 * 10
        self.assertEqual(network.operations() - convolutions, 40_370_176)

    def test_resnet18_has_the_published_operations(self):
        self.assertEqual(resnet18().operations(), 1_814_073_344)

    def test_a_network_survives_json(self):
        self.assertEqual(Network.of_json(resnet18().json()), resnet18())

    def test_a_copy_more_is_a_layer_more(self):
        for layer in LAYERS:
            with self.subTest(layer.title):
                more = layer.copies(3).operations() - layer.copies(2).operations()
                self.assertEqual(more, layer.operations)

    def test_ends_are_pooled_to_one_position(self):
        for layer in LAYERS:
            network = layer.copies(2)
            shapes = network.shapes()
            self.assertEqual({shapes[name] for name in network.outputs}, {(layer.filters, 1, 1)})


class MeasureTests(unittest.TestCase):
    def test_a_slope_leaves_out_what_a_run_costs_anyway(self):
        self.assertEqual(slope(lambda count: (100 + 3 * count, 200 + 4 * count), 2, 10), (3, 4))

    def test_a_ratio_is_of_samples_of_the_same_round(self):
        self.assertEqual(ratio([(0, 4), (2, 9), (4, 8)], of=[(0, 2), (1, 1), (2, 3), (4, 4)]), 2)

    def test_rounds_ask_in_turns_and_leave_out_what_fails(self):
        asked = []

        def sample(key):
            def sample():
                asked.append(key)
                if key == "b":
                    raise PeerFailure("is not there")
                return 1.0, 2.0
            return sample

        competitors = [Competitor(key, sample(key)) for key in "abc"]
        interleave(competitors, 3)
        self.assertEqual("".join(asked), "abccaca")
        self.assertEqual(competitors[1].failure, "is not there")


class ReportTests(unittest.TestCase):
    def test_a_missing_peer_is_said(self):
        layer = {"title": "8²·64→64", "group": "cifar", "channels": 64, "operations": 2_359_296,
                 "seconds": {"avx2": 14e-6, "ceiling-avx2": 12e-6}, "ratios": {"avx2": 1},
                 "ceiling_shares": {"avx2": 12 / 14}, "failures": {"litert-int8": "no memory"}}
        report = text({
            "machine": {"processor": "p", "cores": 2, "system": "s", "load_before": 0.0},
            "versions": {"ours": "adderrun"}, "kernels": ["avx2"], "layers": [layer],
            "networks": [], "missing": {"torch-cdist": "No module named 'torch'"}})
        self.assertIn("Missing: PyTorch cdist (No module named 'torch').", report)
        self.assertIn("Failed: LiteRT int8 on 8²·64→64 (no memory).", report)
        self.assertIn("| 8²·64→64 | 14.0 | 169 | 86 % |", report)
        self.assertIn("| 0.86 | 0.85, met |", report)


@unittest.skipUnless((PROGRAMS / "adderrun").exists(), "needs adderc and adderrun")
class RunTests(unittest.TestCase):
    def test_a_layer_compiles_and_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            ours, network = Ours(folder), LAYERS[2].copies(2)
            ours.compile(network)
            processor, wall = ours.run(network, 1, 1, "portable", 2)
            self.assertGreater(processor, 0)
            self.assertGreater(wall, 0)
            self.assertGreater(ours.ceiling(network, "portable"), 0)


if __name__ == "__main__":
    unittest.main()
