"""LiteRT with XNNPACK: int8 activations and weights, a scale for each filter."""

from importlib.metadata import version

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from worker import serve

SCALE = 0.05
BUILTIN = schema.BuiltinOperator
# The version of each operation from which on it takes int8.
VERSIONS = {BUILTIN.CONV_2D: 3, BUILTIN.ADD: 2, BUILTIN.MAX_POOL_2D: 2, BUILTIN.MEAN: 2}


def fused(node):
    kinds = schema.ActivationFunctionType
    return kinds.RELU if node.rectified else kinds.NONE


class Model:
    """Tensors and operations of a network as the objects of LiteRT's schema.

    Padding is LiteRT's SAME, the amount of the network's, but with a stride not evenly on both sides.
    """

    def __init__(self, network, batch, random):
        self.network, self.batch, self.random = network, batch, random
        self.buffers, self.tensors, self.operators, self.codes = [schema.BufferT()], [], [], []
        self.indices, self.shapes = {}, network.shapes()
        self.activation("image")
        for node in network.nodes:
            getattr(self, node.op)(node)

    def tensor(self, name, shape, kind, scales, zero_point=0, data=None):
        buffer = 0
        if data is not None:
            buffer = len(self.buffers)
            self.buffers.append(schema.BufferT())
            self.buffers[-1].data = np.frombuffer(data.tobytes(), np.uint8)
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, buffer
        if scales is not None:
            tensor.quantization = quantization = schema.QuantizationParametersT()
            quantization.scale = list(scales)
            quantization.zeroPoint = [zero_point] * len(quantization.scale)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def activation(self, name):
        channels, height, width = self.shapes[name]
        zero_point = -128 if self.network.rectified(name) else 0
        self.indices[name] = self.tensor(
            name, (self.batch, height, width, channels), schema.TensorType.INT8, [SCALE],
            zero_point)
        return self.indices[name]

    def operator(self, builtin, inputs, node, kind, options):
        if builtin not in self.codes:
            self.codes.append(builtin)
        operator = schema.OperatorT()
        operator.opcodeIndex = self.codes.index(builtin)
        operator.inputs, operator.outputs = inputs, [self.activation(node.name)]
        operator.builtinOptionsType, operator.builtinOptions = kind, options
        self.operators.append(operator)

    def layer(self, node):
        channels = self.shapes[node.inputs[0]][0]
        shape = node.filters, node.kernel, node.kernel, channels
        weights = self.random.integers(-127, 128, shape).astype(np.int8)
        scale = 1 / (60 * np.sqrt(channels) * node.kernel)
        bias = self.random.integers(-1000, 1000, node.filters).astype(np.int32)
        kinds = schema.TensorType
        inputs = [
            self.indices[node.inputs[0]],
            self.tensor(f"{node.name}.weight", shape, kinds.INT8, [scale] * node.filters, 0, weights),
            self.tensor(f"{node.name}.bias", [node.filters], kinds.INT32,
                        [scale * SCALE] * node.filters, 0, bias),
        ]
        options = schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideH = options.strideW = node.stride
        options.dilationHFactor = options.dilationWFactor = 1
        options.fusedActivationFunction = fused(node)
        self.operator(
            BUILTIN.CONV_2D, inputs, node, schema.BuiltinOptions.Conv2DOptions, options)

    adder = convolution = layer

    def add(self, node):
        options = schema.AddOptionsT()
        options.fusedActivationFunction = fused(node)
        self.operator(BUILTIN.ADD, [self.indices[name] for name in node.inputs], node,
                      schema.BuiltinOptions.AddOptions, options)

    def max_pool(self, node):
        options = schema.Pool2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideH = options.strideW = node.stride
        options.filterHeight = options.filterWidth = node.kernel
        self.operator(BUILTIN.MAX_POOL_2D, [self.indices[node.inputs[0]]], node,
                      schema.BuiltinOptions.Pool2DOptions, options)

    def average_pool(self, node):
        axes = self.tensor(f"{node.name}.axes", [2], schema.TensorType.INT32, None,
                           data=np.array([1, 2], np.int32))
        options = schema.ReducerOptionsT()
        options.keepDims = True
        self.operator(BUILTIN.MEAN, [self.indices[node.inputs[0]], axes], node,
                      schema.BuiltinOptions.ReducerOptions, options)

    def file(self):
        graph, model = schema.SubGraphT(), schema.ModelT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs = [self.indices["image"]]
        graph.outputs = [self.indices[name] for name in self.network.outputs]
        model.version, model.subgraphs, model.buffers = 3, [graph], self.buffers
        model.operatorCodes = []
        for builtin in self.codes:
            code = schema.OperatorCodeT()
            code.builtinCode = code.deprecatedBuiltinCode = builtin
            code.version = VERSIONS[builtin]
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())


def build(network, batch, threads, kind):
    random = np.random.default_rng(0)
    interpreter = Interpreter(
        model_content=Model(network, batch, random).file(), num_threads=threads)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()[0]
    interpreter.set_tensor(
        details["index"], random.integers(-128, 128, details["shape"]).astype(np.int8))
    return interpreter.invoke


if __name__ == "__main__":
    serve(f"LiteRT {version('ai-edge-litert')}", build)
