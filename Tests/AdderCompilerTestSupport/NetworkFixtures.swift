import ADBFormat
import AdderCompiler

extension Checkpoint {
  /// A checkpoint without tensors, to build one by hand.
  package static var empty: Checkpoint { Checkpoint(container: .torchLegacy, tensors: []) }

  /// Adds a tensor whose values count up in steps of 1/64 from a start that depends on its name.
  package mutating func add(_ name: String, _ shape: [Int]) {
    let start = Float(name.utf8.reduce(0) { ($0 * 31 + Int($1)) % 61 } + 1)
    let count = shape.reduce(1, *)
    tensors.append(
      Tensor(
        name: name, shape: shape, storedType: .float32,
        values: (0..<count).map { (start + Float($0 % 16)) / 64 }))
  }

  /// Adds what `nn.BatchNorm2d` saves.
  package mutating func addBatchNorm(_ name: String, _ channels: Int) {
    for vector in ["weight", "bias", "running_mean", "running_var"] {
      add("\(name).\(vector)", [channels])
    }
    tensors.append(
      Tensor(
        name: "\(name).num_batches_tracked", shape: [], storedType: .int64, values: [1]))
  }

  package subscript(name: String) -> Tensor {
    get { tensors.first { $0.name == name } ?? tensors[0] }
    set { tensors = tensors.map { $0.name == name ? newValue : $0 } }
  }

  package mutating func remove(_ name: String) { tensors.removeAll { $0.name == name } }

  /// What the authors' resnet20.py saves, for any depth, width, channels and classes.
  package static func cifarResNet(
    blocks: Int = 3, channels: Int = 3, classes: Int = 10, width: Int = 16,
    key: String = "adder", classifier: [Int] = [1, 1], finalNorm: Bool = true
  ) -> Checkpoint {
    var checkpoint = Checkpoint.empty
    checkpoint.add("conv1.weight", [width, channels, 3, 3])
    checkpoint.addBatchNorm("bn1", width)
    var inputs = width
    for stage in 1...3 {
      let filters = width << (stage - 1)
      for block in 0..<blocks {
        let name = "layer\(stage).\(block)"
        checkpoint.addLayer("\(name).conv1", key, filters, inputs, 3)
        checkpoint.addBatchNorm("\(name).bn1", filters)
        checkpoint.addLayer("\(name).conv2", key, filters, filters, 3)
        checkpoint.addBatchNorm("\(name).bn2", filters)
        if inputs != filters {
          checkpoint.addLayer("\(name).downsample.0", key, filters, inputs, 1)
          checkpoint.addBatchNorm("\(name).downsample.1", filters)
        }
        inputs = filters
      }
    }
    checkpoint.add("fc.weight", [classes, inputs] + classifier)
    if finalNorm { checkpoint.addBatchNorm("bn2", classes) }
    return checkpoint
  }

  /// What the authors' resnet50.py saves, also for basic blocks (`expansion` 1).
  package static func imageNetResNet(
    blocks: [Int], expansion: Int, width: Int = 64, classes: Int = 1000, key: String = "adder"
  ) -> Checkpoint {
    var checkpoint = Checkpoint.empty
    checkpoint.add("conv1.weight", [width, 3, 7, 7])
    checkpoint.addBatchNorm("bn1", width)
    var inputs = width
    for (stage, count) in blocks.enumerated() {
      let filters = width << stage
      let outputs = filters * expansion
      for block in 0..<count {
        let name = "layer\(stage + 1).\(block)"
        let layers =
          expansion == 1
          ? [(filters, inputs, 3), (filters, filters, 3)]
          : [(filters, inputs, 1), (filters, filters, 3), (outputs, filters, 1)]
        for (index, layer) in layers.enumerated() {
          checkpoint.addLayer("\(name).conv\(index + 1)", key, layer.0, layer.1, layer.2)
          checkpoint.addBatchNorm("\(name).bn\(index + 1)", layer.0)
        }
        if block == 0, stage > 0 || inputs != outputs {
          checkpoint.addLayer("\(name).downsample.0", key, outputs, inputs, 1)
          checkpoint.addBatchNorm("\(name).downsample.1", outputs)
        }
        inputs = outputs
      }
    }
    checkpoint.add("fc.weight", [classes, inputs, 1, 1])
    checkpoint.add("fc.bias", [classes])
    checkpoint.addBatchNorm("bn2", classes)
    return checkpoint
  }

  /// LeNet-5 with adder layers and batch norm.
  package static func leNet5(channels: Int = 1, classes: Int = 10, norms: Bool = true) -> Checkpoint
  {
    var checkpoint = Checkpoint.empty
    let layers = [
      ("conv1", 6, channels, 5), ("conv2", 16, 6, 5), ("conv3", 120, 16, 5), ("fc1", 84, 120, 1),
      ("fc2", classes, 84, 1),
    ]
    for (index, layer) in layers.enumerated() {
      checkpoint.addLayer(layer.0, "adder", layer.1, layer.2, layer.3)
      if norms { checkpoint.addBatchNorm("bn\(index + 1)", layer.1) }
    }
    return checkpoint
  }

  private mutating func addLayer(
    _ name: String, _ key: String, _ outputs: Int, _ inputs: Int, _ kernel: Int
  ) {
    add(
      "\(name).\(key)", [outputs, inputs] + (key == "pat" ? [kernel * kernel] : [kernel, kernel]))
  }
}

extension Graph {
  /// Filter taps times output positions of all layers; adds for an adder layer, multiplies for a
  /// convolution.
  package func tapCount() throws -> Int {
    let shapes = try inferShapes()
    return nodes.reduce(0) { sum, node in
      switch node.operation {
      case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
        sum + layer.filters.values.count * (shapes[node.name]?.positions ?? 0)
      default: sum
      }
    }
  }

  /// How many nodes have the operation.
  package func count(_ operation: String) -> Int { nodes.count { $0.operation.name == operation } }

  /// The node of that name.
  package subscript(name: String) -> Node? { nodes.first { $0.name == name } }

  /// The window of a layer or pool.
  package func window(_ name: String) -> Window? {
    switch self[name]?.operation {
    case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
      layer.window
    case .maxPool(let window), .averagePool(let window, _): window
    default: nil
    }
  }

  /// The shape of the first output as CxHxW.
  package func outputText() throws -> String? { try inferShapes()[outputs[0]]?.text }
}

extension TensorShape {
  fileprivate var positions: Int { height * width }
}

/// The messages of the `CompileError` that the body throws, after its kind as a word.
package func failure(_ body: () throws(CompileError) -> Void) -> [String] {
  do throws(CompileError) {
    try body()
    return ["no error"]
  } catch {
    return ["\(error.kind)"] + error.messages
  }
}
