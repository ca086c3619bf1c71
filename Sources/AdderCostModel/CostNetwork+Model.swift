import ADBFormat
import AdderModel
import AdderRuntime

extension CostNetwork {
  /// Describes a compiled model, and where a class of kernels is given, how it runs on them.
  ///
  /// - Complexity: O(operations + constants), with kernels O(rows + columns) of each layer more, for
  ///   each of the few ways in which its window lies over the input
  package init(_ model: Model, kernels: KernelClassName?) {
    name = model.name
    isCompiled = true
    makesBoxes = model.detection != nil
    guessWarning = nil
    var layers: [CostLayer] = []
    let sevenBitTensors = model.sevenBitTensors
    var operations = model.view.operations
    while let header = operations.next() {
      let operation = StoredOperation(header.opcode, at: header.start)
      let layer = model.layers[layers.count]
      let run = kernels.map { kernels in
        FeatureCounter(
          operation, layer, in: model, kernels: kernels,
          inputIsSevenBit: layer.inputs.first.map(sevenBitTensors.contains) ?? false)
      }
      layers.append(CostLayer(layer, in: model, run: run))
    }
    self.layers = layers

    let sections = model.sections.map { (name: "\($0.kind)", byteCount: Int($0.byteCount)) }
    let rest = model.byteCount - sections.reduce(0) { $0 + $1.byteCount }
    let arena = Arena(model)
    let areas = arena.areas.filter { $0.moments.contains(arena.peak) }.map { area in
      (
        name: area.isPatches ? "patches of \(area.name)" : "tensor \(area.name)",
        byteCount: area.bytes.count
      )
    }
    self.arena = arena
    let apart = model.arenaByteCount - areas.reduce(0) { $0 + $1.byteCount }
    memory = [
      Memory(name: "flash", parts: sections + [("header and alignment", rest)]),
      // Tensors share bytes where an operation works in place, so the rest may be below zero.
      Memory(
        name: "arena",
        parts: areas + (apart == 0 ? [] : [("alignment, less what is shared", apart)])),
    ]
  }
}

extension CostNetwork.Arena {
  fileprivate init(_ model: Model) {
    let map = model.arenaMap
    byteCount = model.arenaByteCount
    peak = map.peak.moment
    areas = map.areas.map { area in
      switch area.content {
      case .tensor(let index):
        Area(
          name: model.tensors[index].name, isPatches: false, bytes: area.bytes,
          moments: area.moments)
      case .scratch(let index):
        Area(
          name: model.layers[index].name, isPatches: true, bytes: area.bytes,
          moments: area.moments)
      }
    }
  }
}

extension CostLayer {
  fileprivate init(_ layer: Model.Layer, in model: Model, run: FeatureCounter?) {
    let inputs = layer.inputs.map { model.tensors[$0] }
    let output = model.tensors[layer.output]
    let shape = output.shape
    let positions = shape.height * shape.width
    name = layer.name
    operation = "\(layer.opcode)"
    kind =
      layer.opcode == .adder2d ? .adder : layer.opcode == .conv2d ? .convolution : .other
    outputShape = shape
    let window = layer.window.map { window in
      Sliding(
        rows: Axis(
          kernel: window.kernel.height, stride: window.stride.height,
          dilation: window.dilation.height, paddingBefore: window.paddingBefore.top,
          input: inputs[0].shape.height, output: shape.height),
        columns: Axis(
          kernel: window.kernel.width, stride: window.stride.width,
          dilation: window.dilation.width, paddingBefore: window.paddingBefore.left,
          input: inputs[0].shape.width, output: shape.width))
    }
    groups = layer.patch?.groups ?? 1
    features = run?.counts ?? [:]
    variant = run?.variant ?? operation

    var work = Work()
    var traffic = Traffic(
      weights: layer.filterByteCount, inputs: inputs.reduce(0) { $0 + $1.byteCount },
      outputs: output.byteCount)
    if let patch = layer.patch, let window {
      let channels = patch.elementCount / (window.rows.kernel * window.columns.kernel)
      work.taps = output.elementCount * patch.elementCount
      work.tapsInside = window.insideCount * channels * shape.channels
      let gathered = positions * patch.groups * patch.elementCount
      if patch.converts { work.convertedElements = gathered }
      traffic.patches = 2 * gathered * Int(patch.elementType.byteCount)
    }
    work.absoluteDifferences = layer.counts.absoluteDifferences
    work.digits = layer.additionsOfPosition.digits * positions
    work.planes = layer.additionsOfPosition.planes * positions
    work.terms = layer.additionsOfPosition.terms * positions
    if let residual = layer.residual {
      work.residualElements = output.elementCount
      traffic.inputs += model.tensors[residual].byteCount
    }
    switch layer.opcode {
    case .maxPool, .averagePool:
      work.pooledElements = (window?.insideCount ?? 0) * shape.channels
    case .add: work.residualElements = output.elementCount
    case .concat, .upsampleNearest, .pad, .flatten, .depthToSpace, .channelShuffle, .lookup:
      work.copiedBytes = output.byteCount
    case .adder2d, .conv2d, .requantize: break
    }
    self.work = work
    self.traffic = traffic
  }
}

extension Model {
  /// The tensors whose values keep to 127, by what makes them: a run that looks through its input
  /// finds the same.
  ///
  /// - Complexity: O(operations)
  fileprivate var sevenBitTensors: Set<Int> {
    layers.reduce(into: []) { tensors, layer in
      let isSevenBit =
        layer.outputBounds.map { $0.upperBound <= 127 }
        ?? layer.tensorsRead.allSatisfy(tensors.contains)
      if isSevenBit { tensors.insert(layer.output) } else { tensors.remove(layer.output) }
    }
  }
}
