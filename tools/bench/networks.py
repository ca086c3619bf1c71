"""Networks as every competitor builds them: convolutions or adder layers of the same shapes."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Node:
    """One operation; its name is that of its output.

    op is "adder" (a convolution to peers), "convolution" (to all), "add", "max_pool" or
    "average_pool", which is global. A layer or addition that is rectified ends in a ReLU.
    """

    name: str
    op: str
    inputs: tuple
    filters: int = 0
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    rectified: bool = False


@dataclass(frozen=True)
class Network:
    """Nodes in the order in which they run; the input, [C, H, W], is named "image"."""

    name: str
    input: tuple
    nodes: tuple
    outputs: tuple

    def json(self):
        return asdict(self)

    @staticmethod
    def of_json(value):
        nodes = tuple(Node(**{**node, "inputs": tuple(node["inputs"])}) for node in value["nodes"])
        return Network(value["name"], tuple(value["input"]), nodes, tuple(value["outputs"]))

    def shapes(self):
        """[C, H, W] of every value."""
        shapes = {"image": self.input}
        for node in self.nodes:
            channels, height, width = shapes[node.inputs[0]]
            if node.op == "average_pool":
                height = width = 1
            elif node.op != "add":
                height, width = ((extent + 2 * node.padding - node.kernel) // node.stride + 1
                                 for extent in (height, width))
            shapes[node.name] = (node.filters or channels, height, width)
        return shapes

    def operations(self):
        """Absolute differences or products of an image."""
        shapes, count = self.shapes(), 0
        for node in self.nodes:
            if node.filters:
                filters, height, width = shapes[node.name]
                count += height * width * filters * shapes[node.inputs[0]][0] * node.kernel**2
        return count

    def rectified(self, name):
        """Whether a value has no negative element: its zero point is 0 where elements are uint8."""
        node = next((node for node in self.nodes if node.name == name), None)
        if node is not None and node.op == "max_pool":
            return self.rectified(node.inputs[0])
        return node is None or node.rectified or node.op == "average_pool"


@dataclass(frozen=True)
class Layer:
    """The shape of one layer: a square input of extent x extent x channels."""

    extent: int
    channels: int
    filters: int
    kernel: int = 3
    stride: int = 1
    op: str = "adder"
    # Of shapes of CIFAR-10 networks, of those of ImageNet, or of neither bound.
    group: str = field(default="cifar")

    @property
    def operations(self):
        """Absolute differences or products."""
        extent = (self.extent - 1) // self.stride + 1
        return extent**2 * self.filters * self.channels * self.kernel**2

    @property
    def title(self):
        suffix = "" if self.kernel == 3 else f" {self.kernel}×{self.kernel}"
        suffix += "" if self.stride == 1 else f" /{self.stride}"
        return f"{self.extent}²·{self.channels}→{self.filters}{suffix}"

    def copies(self, count):
        """A network of so many of this layer, one behind the other, or side by side where its output
        is no input of its own.

        Each end is pooled from four positions alone, which takes next to no time, so that layers have
        the outputs that they have in the midst of a network.
        """
        chains = self.channels == self.filters and self.stride == 1
        # A first layer reads the image; others read what another layer has stored for them.
        head = () if chains or self.group == "first" else (
            Node("head", self.op, ("image",), self.channels, rectified=True),)
        source = head[0].name if head else "image"
        nodes = [
            Node(f"layer{i}", self.op, (f"layer{i - 1}" if chains and i else source,),
                 self.filters, self.kernel, self.stride, self.kernel // 2, True)
            for i in range(count)
        ]
        extent = (self.extent - 1) // self.stride + 1
        ends = [Node(f"{node.name}.end", "max_pool", (node.name,), kernel=2, stride=extent)
                for node in (nodes[-1:] if chains else nodes)]
        return Network(f"{self.title} x {count}", (self.channels, self.extent, self.extent),
                       (*head, *nodes, *ends), tuple(end.name for end in ends))


LAYERS = (
    Layer(32, 16, 16),
    Layer(16, 32, 32),
    Layer(8, 64, 64),
    Layer(32, 3, 16, op="convolution", group="first"),
    Layer(16, 32, 64, stride=2),
    Layer(56, 64, 64, group="large"),
    Layer(28, 128, 128, group="large"),
    Layer(14, 256, 256, group="large"),
    Layer(7, 512, 512, group="large"),
    Layer(14, 256, 1024, kernel=1, group="large"),
)


def _blocks(nodes, value, channels, stages):
    """Appends stages of basic blocks, (filters, stride, count), behind a value."""
    for stage, (filters, stride, count) in enumerate(stages, 1):
        for block in range(count):
            prefix, step = f"layer{stage}.{block}", stride if block == 0 else 1
            shortcut = value
            nodes.append(Node(f"{prefix}.conv1", "adder", (value,), filters, 3, step, 1, True))
            nodes.append(Node(f"{prefix}.conv2", "adder", (f"{prefix}.conv1",), filters, 3, 1, 1))
            if step != 1 or channels != filters:
                shortcut = f"{prefix}.downsample"
                nodes.append(Node(shortcut, "adder", (value,), filters, 1, step))
            value, channels = f"{prefix}.add", filters
            nodes.append(Node(value, "add", (f"{prefix}.conv2", shortcut), rectified=True))
    return value


def _classifier(nodes, value, classes):
    nodes.append(Node("pool", "average_pool", (value,)))
    nodes.append(Node("fc", "convolution", ("pool",), classes))


def resnet20():
    """CIFAR ResNet-20, the first layer and the classifier convolutions."""
    nodes = [Node("conv1", "convolution", ("image",), 16, 3, 1, 1, True)]
    value = _blocks(nodes, "conv1", 16, ((16, 1, 3), (32, 2, 3), (64, 2, 3)))
    _classifier(nodes, value, 10)
    return Network("ResNet-20", (3, 32, 32), tuple(nodes), ("fc",))


def resnet18():
    """ImageNet ResNet-18, the first layer and the classifier convolutions."""
    nodes = [
        Node("conv1", "convolution", ("image",), 64, 7, 2, 3, True),
        Node("maxpool", "max_pool", ("conv1",), kernel=3, stride=2, padding=1),
    ]
    value = _blocks(nodes, "maxpool", 64, ((64, 1, 2), (128, 2, 2), (256, 2, 2), (512, 2, 2)))
    _classifier(nodes, value, 1000)
    return Network("ResNet-18", (3, 224, 224), tuple(nodes), ("fc",))
