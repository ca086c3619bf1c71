import ADBFormat
import AdderCompiler
import AdderHost
import CommandLineSupport

/// What a compiled model holds.
struct ModelReport: InspectReport {
  let model: Model
  let path: String
  let options: InspectOptions
  let layers: [LayerDescription]

  init(_ model: Model, _ path: String, _ options: InspectOptions) {
    self.model = model
    self.path = path
    self.options = options
    layers = model.layers
  }

  var counts: OperationCounts { layers.reduce(OperationCounts()) { $0 + $1.counts } }

  var tensors: [TensorRecord] { (0..<model.view.tensorCount).map { model.view.tensor($0) } }

  func text() -> String {
    var lines = [
      "model       \(InputFile.name(of: path).printable), .adb version \(Header.version), checksum \(model.checksumText)"
    ]
    if !model.name.isEmpty { lines.append("name        \(model.name.printable)") }
    lines.append("flash       \(grouped(model.byteCount)) bytes")
    lines.append("arena       \(grouped(Int(model.view.arenaByteCount))) bytes exactly")
    for (index, input) in model.inputs.enumerated() {
      lines.append("input       \(describe(input))" + normalizationText(ofInput: index))
    }
    for output in model.outputs { lines.append("output      \(describe(output))") }
    if !model.classNames.isEmpty {
      let names = model.classNames.prefix(12).map(\.printable).joined(separator: ", ")
      let rest = model.classNames.count - 12
      lines.append("classes     \(names)" + (rest > 0 ? " and \(rest) more" : ""))
    }
    lines.append("operations  \(layers.count): \(kinds)")
    lines.append("elements    \(elementTypes)")
    lines.append(
      "work        \(grouped(counts.absoluteDifferences)) absolute differences, "
        + "\(grouped(counts.additions)) additions for one image, no multiplication")
    var sections = TextTable([
      .init("section"), .init("offset", .right), .init("bytes", .right), .init("entries", .right),
    ])
    for section in model.sections {
      sections.append([
        "\(section.kind)", grouped(Int(section.offset)), grouped(Int(section.byteCount)),
        section.kind == .constants ? "" : grouped(Int(section.entryCount)),
      ])
    }
    var text = lines.joined(separator: "\n") + "\n\n" + sections.text()
    if options.listsLayers { text += "\n" + layerTable() }
    if options.listsTensors { text += "\n" + tensorTable() }
    return text
  }

  private func describe(_ endpoint: Model.Endpoint) -> String {
    "\(endpoint.name.printable): \(endpoint.tensor.shape.text) \(endpoint.tensor.elementType.name), "
      + "scale \(endpoint.scale), zero point \(endpoint.tensor.zeroPoint)"
  }

  private func normalizationText(ofInput index: Int) -> String {
    guard model.normalizations.indices.contains(index) else { return "" }
    let normalization = model.normalizations[index]
    func list(_ values: [Float]) -> String {
      values.prefix(4).map(\.description).joined(separator: ", ") + (values.count > 4 ? ", …" : "")
    }
    return "; trained on (byte/255 - mean)/std, mean [\(list(normalization.mean))], std "
      + "[\(list(normalization.std))]"
  }

  /// How many operations of each kind.
  private var kinds: String {
    tally(layers.map { "\($0.opcode)" })
  }

  /// How many tensors of each element type.
  private var elementTypes: String {
    tally(tensors.map(\.elementType.name))
  }

  private func layerTable() -> String {
    var table = TextTable([
      .init("layer"), .init("operation"), .init("input"), .init("output"), .init("type"),
      .init("bits", .right), .init("filter bytes", .right), .init("differences", .right),
      .init("additions", .right), .init("arena"), .init("scratch"),
    ])
    for layer in layers {
      let inputs = layer.inputs.map { model.view.tensor($0) }
      let output = model.view.tensor(layer.output)
      table.append([
        layer.name, "\(layer.opcode)", inputs.map(\.shape.text).joined(separator: " + "),
        output.shape.text,
        inputs.map(\.elementType.name).joined(separator: " + ") + " → " + output.elementType.name,
        layer.patchBitCount.map(String.init) ?? "",
        layer.filterByteCount == 0 ? "" : grouped(layer.filterByteCount),
        layer.counts.absoluteDifferences == 0 ? "" : grouped(layer.counts.absoluteDifferences),
        layer.counts.additions == 0 ? "" : grouped(layer.counts.additions),
        range(output.arenaOffset, output.byteCount),
        layer.patch.map { range($0.scratchOffset, $0.scratchByteCount) } ?? "",
      ])
    }
    return table.text()
  }

  private func tensorTable() -> String {
    var table = TextTable([
      .init("tensor"), .init("shape"), .init("type"), .init("scale", .right),
      .init("zero point", .right), .init("bytes", .right), .init("arena"),
    ])
    for (index, tensor) in tensors.enumerated() {
      table.append([
        model.name(ofTensor: UInt32(index)), tensor.shape.text, tensor.elementType.name,
        Float(bitPattern: tensor.scaleBits).description, String(tensor.zeroPoint),
        grouped(Int(tensor.byteCount)), range(tensor.arenaOffset, tensor.byteCount),
      ])
    }
    return table.text()
  }

  private func range(_ offset: UInt32, _ byteCount: UInt32) -> String {
    "\(offset)..<\(UInt64(offset) + UInt64(byteCount))"
  }
}

/// `3 add, 20 conv2d`: each word with how often it occurs, in alphabetical order.
func tally(_ words: [String]) -> String {
  Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }
    .map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
}
