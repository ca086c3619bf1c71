import ADBFormat
import AdderCompiler
import AdderHost
import CommandLineSupport

extension ModelReport {
  /// The report for programs; shapes are [channels, height, width].
  func json() -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("kind", "model"), .init("file", .string(InputFile.name(of: path))),
      .init("version", .integer(Int(Header.version))),
      .init("checksum", .string(model.checksumText)),
      .init("name", .string(model.name)), .init("flash_bytes", .integer(model.byteCount)),
      .init("arena_bytes", .integer(Int(model.view.arenaByteCount))),
      .init("inputs", .array(model.inputs.enumerated().map { input($0.offset, $0.element) })),
      .init("outputs", .array(model.outputs.map { .object(endpoint($0)) })),
      .init("classes", .array(model.classNames.map { .string($0) })),
      .init("operation_count", .integer(layers.count)),
      .init("tensor_count", .integer(Int(model.view.tensorCount))),
      .init("absolute_differences", .integer(counts.absoluteDifferences)),
      .init("additions", .integer(counts.additions)),
      .init("sections", .array(model.sections.map(section))),
    ]
    if options.listsLayers { members.append(.init("layers", .array(layers.map(layer)))) }
    if options.listsTensors {
      let list = tensors.enumerated().map { index, tensor in
        JSONValue.object(
          [.init("name", .string(model.name(ofTensor: UInt32(index))))] + fields(of: tensor))
      }
      members.append(.init("tensors", .array(list)))
    }
    return .document(schema: "adder-inspect-1", members)
  }

  private func input(_ index: Int, _ input: Model.Endpoint) -> JSONValue {
    let normalizations = model.normalizations
    guard normalizations.indices.contains(index) else { return .object(endpoint(input)) }
    return .object(
      endpoint(input) + [
        .init("mean", .array(normalizations[index].mean.map { .number($0) })),
        .init("std", .array(normalizations[index].std.map { .number($0) })),
      ])
  }

  private func endpoint(_ endpoint: Model.Endpoint) -> [JSONValue.Member] {
    [.init("name", .string(endpoint.name))] + fields(of: endpoint.tensor)
  }

  private func fields(of tensor: TensorRecord) -> [JSONValue.Member] {
    [
      .init("shape", shape(tensor.shape)), .init("type", .string(tensor.elementType.name)),
      .init("scale", .number(Float(bitPattern: tensor.scaleBits))),
      .init("zero_point", .integer(Int(tensor.zeroPoint))),
      .init("arena_offset", .integer(Int(tensor.arenaOffset))),
      .init("bytes", .integer(Int(tensor.byteCount))),
    ]
  }

  private func section(_ section: Section) -> JSONValue {
    [
      "kind": .string("\(section.kind)"), "offset": .integer(Int(section.offset)),
      "bytes": .integer(Int(section.byteCount)), "entries": .integer(Int(section.entryCount)),
    ]
  }

  private func layer(_ layer: LayerDescription) -> JSONValue {
    let inputs = layer.inputs.map { model.view.tensor($0) }
    let output = model.view.tensor(layer.output)
    return [
      "name": .string(layer.name), "operation": .string("\(layer.opcode)"),
      "inputs": .array(layer.inputs.map { .integer(Int($0)) }),
      "output": .integer(Int(layer.output)),
      "input_shapes": .array(inputs.map { shape($0.shape) }),
      "output_shape": shape(output.shape),
      "input_types": .array(inputs.map { .string($0.elementType.name) }),
      "output_type": .string(output.elementType.name),
      "patch_bits": layer.patchBitCount.map { .integer($0) } ?? nil,
      "filter_bytes": .integer(layer.filterByteCount),
      "absolute_differences": .integer(layer.counts.absoluteDifferences),
      "additions": .integer(layer.counts.additions),
      "arena_offset": .integer(Int(output.arenaOffset)),
      "arena_bytes": .integer(Int(output.byteCount)),
      "scratch_offset": layer.patch.map { .integer(Int($0.scratchOffset)) } ?? nil,
      "scratch_bytes": layer.patch.map { .integer(Int($0.scratchByteCount)) } ?? nil,
    ]
  }

  private func shape(_ shape: TensorShape) -> JSONValue {
    [.integer(shape.channels), .integer(shape.height), .integer(shape.width)]
  }
}
