import ADBFormat
import AdderCompiler
import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

struct ModelReport: InspectReport {
  let model: Model
  let path: String
  let options: InspectOptions

  func text() -> String {
    var lines = [
      "model       \(InputFile.name(of: path).printable), .adb version \(Header.version), checksum \(model.checksumText)"
    ]
    if !model.name.isEmpty { lines.append("name        \(model.name.printableName)") }
    let names = nameByteCount
    lines.append(
      "flash       \(grouped(model.byteCount)) bytes"
        + (names > 0
          ? ", of which \(grouped(names)) names that no run reads (--strip-names, --class-names)"
          : ""))
    lines.append(
      "arena       \(grouped(model.arenaByteCount)) bytes exactly; firmware gives 16 more for the "
        + "library's state (ADDER_STATE_BYTES)")
    for input in model.inputs {
      lines.append(
        "input       \(describe(input))" + (input.normalization.map(describe) ?? ""))
    }
    for output in model.outputs { lines.append("output      \(describe(output))") }
    if !model.classNames.isEmpty {
      let names = model.classNames.prefix(12).map(\.printableName).joined(separator: ", ")
      let rest = model.classNames.count - 12
      lines.append("classes     \(names)" + (rest > 0 ? " and \(rest) more" : ""))
    }
    if let detection = model.detection {
      lines.append("detection   \(DetectionText(detection).text)")
    }
    lines.append(
      "operations  \(model.layers.count): " + tally(model.layers.map { "\($0.opcode)" }))
    lines.append("elements    " + tally(model.tensors.map(\.elementType.name)))
    let counts = model.counts
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
    if let kernels = options.plannedKernels { text += "\n" + planTable(of: model, kernels) }
    return text
  }

  /// What names of layers, tensors and classes take of the file, padding included.
  var nameByteCount: Int {
    let ends = model.sections.dropFirst().map { Int($0.offset) } + [model.byteCount]
    return zip(model.sections, ends).reduce(0) { count, section in
      let isOfNames = section.0.kind == .names || section.0.kind == .classNames
      return isOfNames ? count + section.1 - Int(section.0.offset) : count
    }
  }

  private func describe(_ endpoint: Model.Endpoint) -> String {
    let tensor = endpoint.tensor
    return "\(tensor.name.printableName): \(tensor.shape.text) \(tensor.elementType.name), "
      + "scale \(tensor.quantization.scale), zero point \(tensor.quantization.zeroPoint)"
  }

  private func describe(_ normalization: Model.Normalization) -> String {
    func list(_ values: [Float]) -> String {
      values.prefix(4).map(\.description).joined(separator: ", ") + (values.count > 4 ? ", …" : "")
    }
    return "; trained on (byte/255 - mean)/std, mean [\(list(normalization.mean))], std "
      + "[\(list(normalization.std))]"
  }

  private func layerTable() -> String {
    var table = TextTable([
      .init("layer"), .init("operation"), .init("input"), .init("output"), .init("type"),
      .init("bits", .right), .init("filter bytes", .right), .init("differences", .right),
      .init("additions", .right), .init("arena"), .init("scratch"),
    ])
    for layer in model.layers {
      let inputs = layer.tensorsRead.map { model.tensors[$0] }
      let output = model.tensors[layer.output]
      table.append([
        layer.name, "\(layer.opcode)", inputs.map(\.shape.text).joined(separator: " + "),
        output.shape.text,
        inputs.map(\.elementType.name).joined(separator: " + ") + " → " + output.elementType.name,
        (layer.patch?.bitCount).map(String.init) ?? "",
        layer.filterByteCount == 0 ? "" : grouped(layer.filterByteCount),
        layer.counts.absoluteDifferences == 0 ? "" : grouped(layer.counts.absoluteDifferences),
        layer.counts.additions == 0 ? "" : grouped(layer.counts.additions),
        "\(output.arena)", layer.patch.map { "\($0.scratch)" } ?? "",
      ])
    }
    return table.text()
  }

  private func tensorTable() -> String {
    var table = TextTable([
      .init("tensor"), .init("shape"), .init("type"), .init("scale", .right),
      .init("zero point", .right), .init("bytes", .right), .init("arena"),
    ])
    for tensor in model.tensors {
      table.append([
        tensor.name, tensor.shape.text, tensor.elementType.name,
        tensor.quantization.scale.description, String(tensor.quantization.zeroPoint),
        grouped(tensor.byteCount), "\(tensor.arena)",
      ])
    }
    return table.text()
  }
}

/// `3 add, 20 conv2d`: each word with how often it occurs, in alphabetical order.
func tally(_ words: [String]) -> String {
  Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }
    .map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
}
