"""PyTorch's adder layers: by `cdist`, and as the authors of AdderNet wrote them, both in fp32.

The authors' layer is `adder2d_function` of adder.py in huawei-noah/AdderNet: patches unfolded to
columns, and the whole tensor of differences, filters x elements x positions, before its sum.
"""

import torch
from torch.nn import functional
from worker import serve


def by_cdist(weights, columns):
    return -torch.cdist(weights, columns.T.contiguous(), p=1)


def by_authors(weights, columns):
    return -(weights.unsqueeze(2) - columns.unsqueeze(0)).abs().sum(1)


def build(network, batch, threads, kind):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    # The layer alone, not the one before it whose output others read.
    node = next(node for node in network.nodes if node.name == "layer0")
    channels, height, width = network.shapes()[node.inputs[0]]
    image = torch.rand(batch, channels, height, width)
    weights = torch.randn(node.filters, channels * node.kernel**2)
    sums = {"cdist": by_cdist, "authors": by_authors}[kind]

    @torch.no_grad()
    def run():
        columns = functional.unfold(
            image, node.kernel, padding=node.padding, stride=node.stride)
        columns = columns.permute(1, 2, 0).reshape(columns.shape[1], -1)
        return sums(weights, columns)

    return run


if __name__ == "__main__":
    serve(f"PyTorch {torch.__version__}", build)
