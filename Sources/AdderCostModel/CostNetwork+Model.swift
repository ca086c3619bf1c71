import ADBFormat
import AdderModel
import AdderRuntime

extension CostNetwork {
  /// Describes a compiled model as it runs on a class of kernels.
  ///
  /// - Complexity: O(operations + constants)
  package init(_ model: Model, kernels: KernelClassName) {
    name = model.name
    isCompiled = true
    var layers: [CostLayer] = []
    var operations = model.view.operations
    while let header = operations.next() {
      let operation = StoredOperation(header.opcode, at: header.start)
      layers.append(CostLayer(operation, model.layers[layers.count], in: model, kernels: kernels))
    }
    self.layers = layers

    let sections = model.sections.map { (name: "\($0.kind)", byteCount: Int($0.byteCount)) }
    let rest = model.byteCount - sections.reduce(0) { $0 + $1.byteCount }
    let peak = model.arenaMap.peak
    let areas = model.arenaMap.areas(at: peak.moment).map { area in
      switch area.content {
      case .tensor(let index):
        (name: "tensor \(model.tensors[index].name)", byteCount: area.bytes.count)
      case .scratch(let index):
        (name: "patches of \(model.layers[index].name)", byteCount: area.bytes.count)
      }
    }
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

extension CostLayer {
  init(
    _ stored: StoredOperation, _ layer: Model.Layer, in model: Model, kernels: KernelClassName
  ) {
    let plan = LayerPlan(stored, of: model.view, kernels: kernels)
    let inputs = layer.inputs.map { model.tensors[$0] }
    let output = model.tensors[layer.output]
    let shape = output.shape
    let positions = shape.height * shape.width
    name = layer.name
    operation = "\(layer.opcode)"
    kind =
      layer.opcode == .adder2d ? .adder : layer.opcode == .conv2d ? .convolution : .other
    inputShapes = inputs.map(\.shape)
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
    self.window = window
    groups = layer.patch?.groups ?? 1
    patchElementCount = layer.patch?.elementCount ?? 0
    patchWordCount = layer.patch?.wordCount ?? 0
    patchBitCount = layer.patch?.bitCount ?? 8 * Int(inputs[0].elementType.byteCount)
    self.plan = plan
    features = FeatureCounter(stored, layer, in: model, plan: plan, kernels: kernels).counts
    variant = [operation, plan?.variant(of: layer, in: model)].compactMap(\.self)
      .joined(separator: " ")

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
    case .concat, .upsampleNearest, .pad, .flatten, .depthToSpace:
      work.copiedBytes = output.byteCount
    case .adder2d, .conv2d, .requantize: break
    }
    self.work = work
    self.traffic = traffic
  }
}

extension LayerPlan {
  fileprivate func variant(of layer: Model.Layer, in model: Model) -> String {
    let sums =
      if case .digits = sums { "\(layer.patch?.elementType ?? .uint8)" } else {
        model.sums(of: layer, self)
      }
    let scaling =
      switch scaling {
      case .wide: "wide"
      case .narrow: "narrow"
      case .pairs(let range): "\(range)"
      }
    return "\(gathering) \(sums) \(scaling)"
  }
}
