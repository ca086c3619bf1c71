import ADBFormat

extension ModelRepair {
  typealias Shape = (height: Int, width: Int, channels: Int)

  /// Splits channels into groups; false where a patch would be too long.
  mutating func repairGroups(_ operation: inout ModelParts.Operation, _ shape: inout Shape) -> Bool
  {
    let groups = operation["patch.groups"]
    let isDivisor = groups > 0 && shape.channels % groups == 0
    operation["patch.groups"] = isDivisor ? groups : 1
    operation["patch.inputChannels"] = shape.channels / operation["patch.groups"]
    operation["patch.outputChannels"] = operation["patch.outputChannels"].clamped(to: 1...32)
    operation["patch.elementCount"] =
      operation["window.kernelHeight"] * operation["window.kernelWidth"]
      * operation["patch.inputChannels"]
    shape.channels = operation["patch.groups"] * operation["patch.outputChannels"]
    return operation["patch.elementCount"] <= 1024
  }

  /// The residual of a layer, if it names one that fits.
  mutating func repairResidual(
    _ operation: inout ModelParts.Operation, _ shape: Shape
  ) -> TensorRecord? {
    let index = operation["requantizer.residual"]
    operation["requantizer.residual"] = Int(Requantizer.noResidual)
    guard index != Int(Requantizer.noResidual) else { return nil }
    let residual = newIndex(of: index)
    let tensor = new.tensors[residual]
    guard
      tensor.shape
        == TensorShape(height: shape.height, width: shape.width, channels: shape.channels),
      tensor.elementType != .int32
    else { return nil }
    operation["requantizer.residual"] = residual
    return tensor
  }

  mutating func repairPatch(
    _ operation: inout ModelParts.Operation, input: TensorRecord, beside areas: [Range<Int>]
  ) {
    var type = ElementType(rawValue: UInt8(operation["patch.elementType"])) ?? .uint8
    if type == .int32 || input.elementType == .uint8 { type = .uint8 }
    let mustConvert = input.elementType != type
    let converts =
      mustConvert || (input.elementType == .int16 && operation["patch.converts"] & 1 == 1)
    operation["patch.elementType"] = Int(type.rawValue)
    operation["patch.converts"] = converts ? 1 : 0
    operation["patch.reservedByte"] = 0
    operation["patch.reserved"] = 0
    let limits = type.range
    operation["patch.inputShift"] = converts ? operation["patch.inputShift"].clamped(to: 0...15) : 0
    operation["patch.inputOffset"] =
      converts ? operation["patch.inputOffset"].clamped(to: ElementType.int16.range) : 0
    let ends = [operation["patch.patchMin"], operation["patch.patchMax"]]
      .map { converts ? $0.clamped(to: limits) : 0 }.sorted()
    operation["patch.patchMin"] = ends[0]
    operation["patch.patchMax"] = ends[1]
    operation["patch.wordCount"] =
      (operation["patch.elementCount"] * Int(type.byteCount) + 3) / 4
    operation["patch.padValuesOffset"] = add(
      constants: oldConstants(
        at: operation["patch.padValuesOffset"],
        count: Int(input.channels) * Int(type.byteCount)))
    operation["patch.scratchByteCount"] = 8 * operation["patch.wordCount"]
    operation["patch.scratchOffset"] = place(
      operation["patch.scratchOffset"], byteCount: operation["patch.scratchByteCount"],
      beside: areas)
  }

  mutating func repairRequantizer(_ operation: inout ModelParts.Operation, output: TensorRecord) {
    guard operation.has("requantizer.shift") else { return }
    let isWide = operation["requantizer.wide"] & 1 == 1
    operation["requantizer.wide"] = isWide ? 1 : 0
    operation["requantizer.reserved"] = 0
    operation["requantizer.shift"] = operation["requantizer.shift"].clamped(
      to: 0...(isWide ? 62 : 31))
    let ends = [operation["requantizer.outputMin"], operation["requantizer.outputMax"]]
      .map { $0.clamped(to: output.elementType.range) }.sorted()
    operation["requantizer.outputMin"] = ends[0]
    operation["requantizer.outputMax"] = ends[1]
    let isOfChannels =
      operation["requantizer.entryCount"] > 1 && !operation.has("secondTableOffset")
    let count =
      operation.leavesOutPadding
      ? operation.tapCount + 1 : isOfChannels ? Int(output.channels) : 1
    operation["requantizer.entryCount"] = count
    operation["requantizer.tableOffset"] = add(
      constants: table(at: operation["requantizer.tableOffset"], count, isWide: isWide))
    operation["secondTableOffset"] = add(
      constants: table(at: operation["secondTableOffset"], 1, isWide: isWide))
  }

  /// Tables of a function: of bytes an entry each, of `int16` at most 64 lines.
  mutating func repairTables(
    _ operation: inout ModelParts.Operation, input: TensorRecord, output: TensorRecord
  ) {
    let isByte = input.elementType == .uint8
    operation["segmentShift"] = isByte ? 0 : operation["segmentShift"].clamped(to: 10...15)
    operation["shift"] = isByte ? 0 : operation["shift"].clamped(to: 0...31)
    operation["reserved"] = 0
    let ends = [operation["outputMin"], operation["outputMax"]]
      .map { $0.clamped(to: output.elementType.range) }.sorted()
    operation["outputMin"] = ends[0]
    operation["outputMax"] = ends[1]
    operation["tableCount"] = operation["tableCount"] > 1 ? Int(output.channels) : 1
    let tableByteCount =
      isByte
      ? 256 * Int(output.elementType.byteCount)
      : 4 * (65536 >> operation["segmentShift"] + 1)
    operation["tablesOffset"] = add(
      constants: oldConstants(
        at: operation["tablesOffset"], count: operation["tableCount"] * tableByteCount))
  }

  /// A channel table whose terms end where the first wrong one was.
  private func table(at offset: Int, _ entryCount: Int, isWide: Bool) -> [UInt8] {
    let entryByteCount = isWide ? 24 : 16
    var bytes = oldConstants(at: offset, count: entryCount * entryByteCount)
    for entry in 0..<entryCount {
      var hasEnded = false
      for place in (entry + 1) * entryByteCount - 8..<(entry + 1) * entryByteCount {
        if bytes[place] & 0x7F > (isWide ? 62 : 31) { hasEnded = true }
        if hasEnded { bytes[place] = 0xFF }
      }
    }
    return bytes
  }

  /// Filters with zeros behind their elements, and their sums and maximum.
  mutating func repairFilters(_ operation: inout ModelParts.Operation) {
    let (groups, perGroup) = (operation["patch.groups"], operation["patch.outputChannels"])
    let (elementCount, wordCount) = (operation["patch.elementCount"], operation["patch.wordCount"])
    let isByte = operation["patch.elementType"] == 1
    let elementByteCount = isByte ? 1 : 2
    let pairByteCount = 8 + 8 * wordCount
    let pairs = groups * ((perGroup + 1) / 2)
    var bytes = oldConstants(at: operation["filtersOffset"], count: pairs * pairByteCount)
    var largest = isByte ? 0 : Int(Int16.min)
    for filter in 0..<2 * pairs {
      let (pair, side) = (filter / 2, filter % 2)
      let isThere = side == 0 || perGroup % 2 == 0 || (pair + 1) % ((perGroup + 1) / 2) != 0
      let start = pair * pairByteCount
      var sum: UInt32 = 0
      for word in 0..<wordCount {
        let place = start + 8 + 8 * word + 4 * side
        for index in 0..<4 / elementByteCount {
          let element = word * (4 / elementByteCount) + index
          let byte = place + index * elementByteCount
          guard isThere, element < elementCount else {
            bytes.replaceSubrange(
              byte..<byte + elementByteCount, with: repeatElement(0, count: elementByteCount))
            continue
          }
          let bits =
            isByte ? UInt16(bytes[byte]) : UInt16(bytes[byte]) | UInt16(bytes[byte + 1]) << 8
          let value = isByte ? Int(bits) : Int(Int16(bitPattern: bits))
          largest = max(largest, value)
          sum &+= UInt32(truncatingIfNeeded: value)
        }
      }
      for index in 0..<4 {
        bytes[start + 4 * side + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
      }
    }
    operation["filtersOffset"] = add(constants: bytes)
    operation["filterMaximum"] = largest
  }

  /// Digits that are right, or others that the old ones choose.
  mutating func repairDigits(_ operation: inout ModelParts.Operation) {
    let channels = operation["patch.groups"] * operation["patch.outputChannels"]
    let elementCount = operation["patch.elementCount"]
    let byteCount = operation["digitsByteCount"].clamped(to: 0...16_384) / 2 * 2
    var digits = oldConstants(at: operation["digitsOffset"], count: byteCount)
    if !areDigits(digits, channels, below: elementCount) {
      var source = ByteSource(digits[...])
      digits = []
      for _ in 0..<channels {
        let planes = source.integer(in: 0...3)
        digits.append(number: UInt16(planes))
        for _ in 0..<planes {
          let lists = (0..<2).map { _ -> [Int] in
            let step = source.integer(in: 1...24)
            return Array(stride(from: source.integer(in: 0...31), to: elementCount, by: step))
          }
          for list in lists { digits.append(number: UInt16(list.count)) }
          for tap in lists.joined() { digits.append(number: UInt16(tap)) }
        }
      }
    }
    operation["digitsOffset"] = add(constants: digits)
    operation["digitsByteCount"] = digits.count
  }

  private func areDigits(_ bytes: [UInt8], _ channels: Int, below elementCount: Int) -> Bool {
    var offset = 0
    func next() -> Int? {
      guard offset + 2 <= bytes.count else { return nil }
      offset += 2
      return Int(bytes[offset - 2]) | Int(bytes[offset - 1]) << 8
    }
    func isList(_ count: Int) -> Bool {
      var last = -1
      for _ in 0..<count {
        guard let tap = next(), tap > last, tap < elementCount else { return false }
        last = tap
      }
      return true
    }
    for _ in 0..<channels {
      guard let planes = next(), planes <= 31 else { return false }
      for _ in 0..<planes {
        guard let added = next(), let subtracted = next(), isList(added), isList(subtracted) else {
          return false
        }
      }
    }
    return offset == bytes.count
  }
}
