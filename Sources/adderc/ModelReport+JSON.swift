import ADBFormat
import AdderCompiler
import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

extension ModelReport {
  /// The report for programs; shapes are [channels, height, width].
  func json() -> JSONValue {
    let counts = model.counts
    var members: [JSONValue.Member] = [
      .init("kind", "model"), .init("file", .string(InputFile.name(of: path))),
      .init("version", .integer(Int(Header.version))),
      .init("checksum", .string(model.checksumText)),
      .init("name", .string(model.name)), .init("flash_bytes", .integer(model.byteCount)),
      .init("name_bytes", .integer(nameByteCount)),
      .init("arena_bytes", .integer(model.arenaByteCount)),
      .init("inputs", .array(model.inputs.map(endpoint))),
      .init("outputs", .array(model.outputs.map(endpoint))),
      .init("classes", .array(model.classNames.map { .string($0) })),
      .init("detection", model.detection.map(detection) ?? nil),
      .init("operation_count", .integer(model.layers.count)),
      .init("tensor_count", .integer(model.tensors.count)),
      .init("absolute_differences", .integer(counts.absoluteDifferences)),
      .init("additions", .integer(counts.additions)),
      .init("sections", .array(model.sections.map(section))),
    ]
    if options.listsLayers {
      let bounds = model.elementBounds()
      members.append(
        .init("layers", .array(model.layers.map { layer($0, elementBounds: bounds) })))
    }
    if options.listsTensors {
      members.append(.init("tensors", .array(model.tensors.map { .object(fields(of: $0)) })))
    }
    if let kernels = options.plannedKernels {
      members.append(.init("kernels", .string("\(kernels)")))
      members.append(.init("plan", planJSON(of: model, kernels)))
    }
    return .document(schema: "adder-inspect-1", members)
  }

  private func endpoint(_ endpoint: Model.Endpoint) -> JSONValue {
    var members = fields(of: endpoint.tensor)
    if let normalization = endpoint.normalization {
      members.append(.init("mean", .array(normalization.mean.map { .number($0) })))
      members.append(.init("std", .array(normalization.std.map { .number($0) })))
    }
    return .object(members)
  }

  private func fields(of tensor: Model.Tensor) -> [JSONValue.Member] {
    [
      .init("name", .string(tensor.name)), .init("shape", shape(tensor.shape)),
      .init("type", .string(tensor.elementType.name)),
      .init("scale", .number(tensor.quantization.scale)),
      .init("zero_point", .integer(Int(tensor.quantization.zeroPoint))),
      .init("arena_offset", .integer(tensor.arena.lowerBound)),
      .init("bytes", .integer(tensor.byteCount)),
    ]
  }

  /// A level's outputs as numbers of tensors.
  private func detection(_ detection: Model.Detection) -> JSONValue {
    let levels = detection.levels.map { level -> JSONValue in
      [
        "stride": .integer(level.stride), "classes": .integer(level.classes),
        "distances": .integer(level.distances), "centerness": .integer(level.centerness),
        "threshold": .integer(Int(level.threshold)),
      ]
    }
    return .object(DetectionText(detection).members + [.init("levels", .array(levels))])
  }

  private func section(_ section: Section) -> JSONValue {
    [
      "kind": .string("\(section.kind)"), "offset": .integer(Int(section.offset)),
      "bytes": .integer(Int(section.byteCount)), "entries": .integer(Int(section.entryCount)),
    ]
  }

  private func layer(_ layer: Model.Layer, elementBounds: [ClosedRange<Int>]) -> JSONValue {
    let grid = model.patchGrid(of: layer, elementBounds: elementBounds)
    let inputs = layer.tensorsRead.map { model.tensors[$0] }
    let output = model.tensors[layer.output]
    return [
      "name": .string(layer.name), "operation": .string("\(layer.opcode)"),
      "inputs": .array(layer.tensorsRead.map { .integer($0) }),
      "output": .integer(layer.output),
      "input_shapes": .array(inputs.map { shape($0.shape) }),
      "output_shape": shape(output.shape),
      "input_types": .array(inputs.map { .string($0.elementType.name) }),
      "output_type": .string(output.elementType.name),
      "patch_bits": layer.patch.map { .integer($0.bitCount) } ?? nil,
      "patch_step": grid.map { .number($0.step) } ?? nil,
      "patch_lowest": grid.map { .number($0.bounds.lowerBound) } ?? nil,
      "patch_highest": grid.map { .number($0.bounds.upperBound) } ?? nil,
      "filter_bytes": .integer(layer.filterByteCount),
      "absolute_differences": .integer(layer.counts.absoluteDifferences),
      "additions": .integer(layer.counts.additions),
      "arena_offset": .integer(output.arena.lowerBound),
      "arena_bytes": .integer(output.byteCount),
      "scratch_offset": layer.patch.map { .integer($0.scratch.lowerBound) } ?? nil,
      "scratch_bytes": layer.patch.map { .integer($0.scratch.count) } ?? nil,
    ]
  }

  private func shape(_ shape: TensorShape) -> JSONValue {
    [.integer(shape.channels), .integer(shape.height), .integer(shape.width)]
  }
}
