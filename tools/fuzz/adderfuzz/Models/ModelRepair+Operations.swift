import ADBFormat

extension ModelRepair {
  /// Adds an operation with what it reads and writes made right; nil if it is left out.
  ///
  /// - Returns: The index of its output.
  mutating func add(_ operation: ModelParts.Operation) -> Int? {
    var operation = operation
    guard operation.has("output") else { return nil }
    operation["header.recordByteCount"] = operation.bytes.count
    let inputs: [Int]
    if operation.has("inputCount") {
      guard let chosen = repairJoin(&operation) else { return nil }
      inputs = chosen
    } else {
      inputs = ["input", "first"].filter(operation.has).map { newIndex(of: operation[$0]) }
      operation["input"] = inputs[0]
      operation["first"] = inputs[0]
    }
    let input = new.tensors[inputs[0]]
    var all = inputs.map { new.tensors[$0] }
    var shape = (height: Int(input.height), width: Int(input.width), channels: Int(input.channels))
    if operation.has("window.kernelHeight") {
      repairWindow(&operation, input: input, shape: &shape)
    }
    if operation.has("patch.groups") {
      guard input.elementType != .int32, repairGroups(&operation, &shape) else { return nil }
    }
    if operation.has("tableCount"), input.elementType == .int32 { return nil }
    repairCopy(&operation, inputs, &shape)
    let elementCount = shape.height * shape.width * shape.channels
    guard elementCount <= Self.largestElementCount else { return nil }
    var output = oldTensor(operation["output"])
    if ElementType(rawValue: output.elementTypeCode) == nil { output.elementType = .int16 }
    // What has no clamp copies.
    if !operation.has("requantizer.shift") && !operation.has("outputMin") {
      output.elementType = input.elementType
    }

    let index: Int
    if operation.has("second") {
      let second = newIndex(of: operation["second"])
      let fits = new.tensors[second].shape == input.shape
      operation["second"] = fits ? second : inputs[0]
      all.append(new.tensors[operation["second"]])
    }
    if operation.has("patch.groups") {
      let residual = repairResidual(&operation, shape)
      index = add(
        output, shape: shape, near: [input.area],
        upon: [residual].compactMap(\.self))
      let areas = [input, new.tensors[index], residual].compactMap { $0?.area }
      repairPatch(&operation, input: input, beside: areas)
    } else if operation.has("tableCount")
      || operation.has("requantizer.shift") && !operation.has("window.kernelHeight")
    {
      operation["requantizer.residual"] = Int(Requantizer.noResidual)
      index = add(output, shape: shape, near: [], upon: all)
    } else {
      operation["requantizer.residual"] = Int(Requantizer.noResidual)
      index = add(output, shape: shape, near: all.map(\.area))
    }
    operation["output"] = index
    repairRequantizer(&operation, output: new.tensors[index])
    if operation.has("tableCount") {
      repairTables(&operation, input: input, output: new.tensors[index])
    }
    if operation.has("padValuesOffset"), !operation.leavesOutPadding {
      let byteCount = Int(input.channels) * Int(input.elementType.byteCount)
      operation["padValuesOffset"] = add(
        constants: oldConstants(at: operation["padValuesOffset"], count: byteCount))
    }
    if operation.has("filtersOffset") { repairFilters(&operation) }
    if operation.has("digitsOffset") { repairDigits(&operation) }
    new.operations.append(operation)
    return index
  }

  /// Chooses the inputs of an operation that joins several, all as high and wide as the first.
  private mutating func repairJoin(_ operation: inout ModelParts.Operation) -> [Int]? {
    let start = operation.opcode.zeroRecord.count
    let listed = stride(from: start, to: operation.bytes.count - 3, by: 4).map { place in
      operation.bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let first = listed.first.map({ newIndex(of: $0) }) else { return nil }
    let (tensors, wanted) = (new.tensors, new.tensors[first])
    var inputs = listed.map { newIndex(of: $0) }.filter { index in
      tensors[index].height == wanted.height && tensors[index].width == wanted.width
        && tensors[index].elementType == wanted.elementType
    }
    inputs = Array(inputs.prefix(8))
    while inputs.count < 2 { inputs.append(first) }
    operation.bytes.removeSubrange(start...)
    for input in inputs { operation.bytes.append(number: UInt32(input)) }
    operation["inputCount"] = inputs.count
    operation["header.recordByteCount"] = operation.bytes.count
    return inputs
  }

  /// The shapes of operations that move elements, by the fields that say how.
  private mutating func repairCopy(
    _ operation: inout ModelParts.Operation, _ inputs: [Int],
    _ shape: inout (height: Int, width: Int, channels: Int)
  ) {
    if operation.has("inputCount") {
      shape.channels = inputs.reduce(0) { $0 + Int(new.tensors[$1].channels) }
    } else if operation.has("factorHeight") {
      for field in ["factorHeight", "factorWidth"] {
        operation[field] = operation[field].clamped(to: 1...64)
      }
      shape.height *= operation["factorHeight"]
      shape.width *= operation["factorWidth"]
    } else if operation.has("blockSize") {
      let size = operation["blockSize"].clamped(to: 1...64)
      let block = shape.channels % (size * size) == 0 ? size : 1
      operation["blockSize"] = block
      operation["reserved"] = 0
      shape = (shape.height * block, shape.width * block, shape.channels / (block * block))
    } else if operation.has("groupChannels") {
      let groups = operation["groups"].clamped(to: 1...shape.channels)
      operation["groups"] = shape.channels % groups == 0 ? groups : 1
      operation["groupChannels"] = shape.channels / operation["groups"]
    } else if operation.has("padTop") {
      for field in ["padTop", "padLeft", "padBottom", "padRight"] {
        operation[field] = operation[field].clamped(to: 0...255)
      }
      shape.height += operation["padTop"] + operation["padBottom"]
      shape.width += operation["padLeft"] + operation["padRight"]
    } else if !operation.has("requantizer.shift") && !operation.has("window.kernelHeight")
      && !operation.has("tableCount")
    {
      // A vector of all elements.
      shape = (1, 1, shape.height * shape.width * shape.channels)
    }
  }

  private mutating func repairWindow(
    _ operation: inout ModelParts.Operation, input: TensorRecord,
    shape: inout (height: Int, width: Int, channels: Int)
  ) {
    let isPool = !operation.has("patch.groups")
    func extent(
      _ suffix: String, _ before: String, _ after: String, _ extent: Int
    ) -> Int {
      for field in ["kernel", "stride", "dilation"].map({ "window.\($0)\(suffix)" }) {
        operation[field] = operation[field].clamped(to: 1...4096)
      }
      for field in [before, after] {
        operation["window.\(field)"] = operation["window.\(field)"].clamped(to: 0...255)
      }
      var kernel: Int { operation["window.kernel\(suffix)"] }
      var window: Int { operation["window.dilation\(suffix)"] * (kernel - 1) + 1 }
      var padding: Int { operation["window.\(before)"] + operation["window.\(after)"] }
      func limitPadding() {
        guard isPool else { return }
        for field in [before, after].map({ "window.\($0)" }) {
          operation[field] = min(operation[field], window / 2)
        }
      }
      limitPadding()
      if window > extent + padding {
        operation["window.dilation\(suffix)"] = 1
        operation["window.kernel\(suffix)"] = min(kernel, extent)
        limitPadding()
      }
      return (extent + padding - window) / operation["window.stride\(suffix)"] + 1
    }
    shape.height = extent("Height", "padTop", "padBottom", shape.height)
    shape.width = extent("Width", "padLeft", "padRight", shape.width)
    let channels = Int(input.channels)
    let row = Int(input.width) * channels
    operation["window.windowRowStep"] = operation["window.strideHeight"] * row
    operation["window.windowColumnStep"] = operation["window.strideWidth"] * channels
    operation["window.tapRowStep"] = operation["window.dilationHeight"] * row
    operation["window.tapColumnStep"] = operation["window.dilationWidth"] * channels
    operation["window.originOffset"] =
      -(operation["window.padTop"] * row + operation["window.padLeft"] * channels)
  }
}

extension ModelParts.Operation {
  /// The taps of its window.
  var tapCount: Int { self["window.kernelHeight"] * self["window.kernelWidth"] }

  /// Whether it is a pool whose table has an entry for each number of taps inside, so few that a test
  /// ends.
  var leavesOutPadding: Bool {
    opcode == .averagePool && self["padValuesOffset"] == Int(AveragePool.noPadValues)
      && tapCount < 1 << 12
  }
}
