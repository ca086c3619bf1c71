"""onnxruntime: int8 as QLinearConv of uint8 activations and int8 weights, and fp32 as Conv.

Integer networks are [N, H, W, C] throughout, as onnxruntime itself arranges them between its layers,
so that no transposition at either end is counted. fp32 networks are [N, C, H, W], which it rearranges
to blocks of channels and back.
"""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from worker import serve

SCALE = np.float32(0.05)


class IntegerModel:
    """Nodes and constants of a network in uint8 and int8."""

    type, element, domain = TensorProto.UINT8, np.uint8, "com.microsoft"

    def __init__(self, network, random):
        self.network, self.random, self.nodes, self.constants = network, random, [], {}
        self.constant("scale", SCALE)
        for node in network.nodes:
            getattr(self, node.op)(node)

    def shape(self, channels, height, width):
        return height, width, channels

    def constant(self, name, value):
        self.constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def zero_point(self, name):
        value = 0 if self.network.rectified(name) else 128
        return self.constant(f"zero_point{value}", np.uint8(value))

    def quantized(self, name):
        return [name, "scale", self.zero_point(name)]

    def layer(self, node):
        channels = self.network.shapes()[node.inputs[0]][0]
        shape = node.filters, channels, node.kernel, node.kernel
        weights = self.random.integers(-127, 128, shape).astype(np.int8)
        weight_scale = 1 / (60 * np.sqrt(channels) * node.kernel)
        inputs = self.quantized(node.inputs[0]) + [
            self.constant(f"{node.name}.weight", weights),
            self.constant(f"{node.name}.scale", np.full(node.filters, weight_scale, np.float32)),
            self.constant(f"{node.name}.zero_point", np.zeros(node.filters, np.int8)),
            *self.quantized(node.name)[1:],
            self.constant(f"{node.name}.bias", self.random.integers(
                -1000, 1000, node.filters).astype(np.int32)),
        ]
        self.add_node("QLinearConv", inputs, node, kernel_shape=[node.kernel] * 2,
                      pads=[node.padding] * 4, strides=[node.stride] * 2, channels_last=1)

    adder = convolution = layer

    def add(self, node):
        inputs = self.quantized(node.inputs[0]) + self.quantized(node.inputs[1])
        self.add_node("QLinearAdd", inputs + self.quantized(node.name)[1:], node)

    def max_pool(self, node):
        self.add_node("NhwcMaxPool", list(node.inputs), node, kernel_shape=[node.kernel] * 2,
                      pads=[node.padding] * 4, strides=[node.stride] * 2)

    def average_pool(self, node):
        inputs = self.quantized(node.inputs[0]) + self.quantized(node.name)[1:]
        self.add_node("QLinearGlobalAveragePool", inputs, node, channels_last=1)

    def add_node(self, op, inputs, node, **attributes):
        self.nodes.append(
            helper.make_node(op, inputs, [node.name], domain=self.domain, **attributes))


class FloatModel(IntegerModel):
    """The same in fp32."""

    type, element, domain = TensorProto.FLOAT, np.float32, ""

    def shape(self, channels, height, width):
        return channels, height, width

    def layer(self, node):
        channels = self.network.shapes()[node.inputs[0]][0]
        shape = node.filters, channels, node.kernel, node.kernel
        weights = self.random.standard_normal(shape) / (np.sqrt(channels) * node.kernel)
        inputs = [
            node.inputs[0], self.constant(f"{node.name}.weight", weights.astype(np.float32)),
            self.constant(f"{node.name}.bias", np.zeros(node.filters, np.float32)),
        ]
        self.rectify("Conv", inputs, node, kernel_shape=[node.kernel] * 2,
                     pads=[node.padding] * 4, strides=[node.stride] * 2)

    adder = convolution = layer

    def add(self, node):
        self.rectify("Add", list(node.inputs), node)

    def rectify(self, op, inputs, node, **attributes):
        result = f"{node.name}.sum" if node.rectified else node.name
        self.nodes.append(helper.make_node(op, inputs, [result], **attributes))
        if node.rectified:
            self.nodes.append(helper.make_node("Relu", [result], [node.name]))

    def max_pool(self, node):
        self.add_node("MaxPool", list(node.inputs), node, kernel_shape=[node.kernel] * 2,
                      pads=[node.padding] * 4, strides=[node.stride] * 2)

    def average_pool(self, node):
        self.add_node("GlobalAveragePool", list(node.inputs), node)


def build(network, batch, threads, kind):
    random = np.random.default_rng(0)
    model = {"int8": IntegerModel, "fp32": FloatModel}[kind](network, random)
    shapes = {name: [batch, *model.shape(*shape)] for name, shape in network.shapes().items()}
    graph = helper.make_graph(
        model.nodes, "network",
        [helper.make_tensor_value_info("image", model.type, shapes["image"])],
        [helper.make_tensor_value_info(name, model.type, shapes[name])
         for name in network.outputs], list(model.constants.values()))
    onnx = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Threads spin between the layers of a run, but not behind it, where others are measured.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(
        onnx.SerializeToString(), options, providers=["CPUExecutionProvider"])
    image = (random.standard_normal(shapes["image"]) if kind == "fp32"
             else random.integers(0, 256, shapes["image"])).astype(model.element)
    binding = session.io_binding()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(image)] + [
        onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shapes[name], model.element))
        for name in network.outputs]
    binding.bind_ortvalue_input("image", values[0])
    for name, value in zip(network.outputs, values[1:]):
        binding.bind_ortvalue_output(name, value)
    # The values own the memory that the binding points to.
    return lambda values=values: session.run_with_iobinding(binding)


if __name__ == "__main__":
    serve(f"onnxruntime {onnxruntime.__version__}", build)
