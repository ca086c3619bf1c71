import ADBFormat
import AdderTestSupport

/// Makes right what the format derives: steps, shapes, sizes, sums, places of constants and of areas.
///
/// What is free and in its range stays as it is. Operations that cannot be made right are left out.
struct ModelRepair {
  static let largestElementCount = 4096

  let old: ModelParts
  var new = ModelParts()
  var random: SplitMix64
  /// The new indices of tensors by their old ones.
  private var indices: [Int: Int] = [:]
  private var constantPlaces: [[UInt8]: Int] = [:]
  private(set) var arenaEnd = 0

  init(_ parts: ModelParts, _ random: SplitMix64) {
    old = parts
    self.random = random
  }

  mutating func file() -> [UInt8] {
    addInputs()
    for operation in old.operations.prefix(24) {
      guard let output = add(operation) else { continue }
      indices[operation["output"]] = output
    }
    addOutputs()
    addOthers()
    return new.bytes(arenaByteCount: arenaEnd)
  }

  // MARK: Bindings and names

  private mutating func addInputs() {
    var inputs = old.bindings.filter { $0.direction == .input }.map { Int($0.tensor) }
    if inputs.isEmpty { inputs = [0] }
    for index in inputs.prefix(4) where indices[index] == nil {
      var tensor = oldTensor(index)
      tensor.elementType = .uint8
      tensor.zeroPoint = 0
      tensor.scaleBits = 0x3B80_8081
      let shape = [tensor.height, tensor.width, tensor.channels].map { Int(min(max($0, 1), 16)) }
      indices[index] = add(tensor, shape: (shape[0], shape[1], shape[2]), near: [])
      new.bindings.append(Binding(tensor: UInt32(new.tensors.count - 1), direction: .input))
    }
  }

  private mutating func addOutputs() {
    let outputs = old.bindings.filter { $0.direction == .output }.compactMap {
      indices[Int($0.tensor)]
    }
    for index in (outputs.isEmpty ? [new.tensors.count - 1] : outputs).prefix(8) {
      new.bindings.append(Binding(tensor: UInt32(index), direction: .output))
    }
  }

  /// Keeps sections that still fit, and writes names where there were some.
  private mutating func addOthers() {
    let isUnchanged =
      new.tensors.map(\.shape) == old.tensors.map(\.shape)
      && new.operations.count == old.operations.count
      && new.bindings == old.bindings
    for other in old.others {
      if isUnchanged {
        new.others.append(other)
      } else if other.kind == .names {
        let names = (0...new.tensors.count + new.operations.count).map { "n\($0)" }
        var bytes: [UInt8] = []
        for name in names {
          bytes.append(number: UInt16(name.utf8.count))
          bytes += name.utf8
        }
        new.others.append(.init(kind: .names, bytes: bytes, count: names.count))
      } else if other.kind == .detection {
        new.others.append(repaired(other))
      }
    }
  }

  /// A detection with its tensors' new indices, and its table where there is one.
  private mutating func repaired(_ detection: ModelParts.Strings) -> ModelParts.Strings {
    var repaired = detection
    let first = Int(Detection.byteCount)
    func write(_ value: Int, at place: Int) {
      guard place + 4 <= repaired.bytes.count else { return }
      for byte in 0..<4 {
        repaired.bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
      }
    }
    func word(at place: Int) -> Int {
      guard place + 4 <= repaired.bytes.count else { return 0 }
      return repaired.bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let table = oldConstants(at: word(at: 8), count: Int(Detection.tableByteCount))
    write(add(constants: table), at: 8)
    for level in stride(from: first, to: repaired.bytes.count, by: Int(DetectionLevel.byteCount)) {
      for place in stride(from: level, to: level + 12, by: 4) {
        if let index = indices[word(at: place)] { write(index, at: place) }
      }
    }
    return repaired
  }

  // MARK: Tensors

  /// The record of a tensor as it was, or an ordinary one.
  func oldTensor(_ index: Int) -> TensorRecord {
    old.tensors.indices.contains(index)
      ? old.tensors[index]
      : TensorRecord {
        $0.elementType = .int16
        $0.scaleBits = Float(1).bitPattern
      }
  }

  /// The new index of a tensor, or of any that is there.
  mutating func newIndex(of index: Int) -> Int {
    indices[index] ?? Int.random(in: 0..<new.tensors.count, using: &random)
  }

  /// Adds a tensor; it may lie where it lay if that is right beside the areas that an operation uses
  /// with it, or upon one of those that it may take the place of.
  mutating func add(
    _ record: TensorRecord, shape: (height: Int, width: Int, channels: Int),
    near areas: [Range<Int>],
    upon shared: [TensorRecord] = []
  ) -> Int {
    var tensor = record
    if ElementType(rawValue: tensor.elementTypeCode) == nil { tensor.elementType = .int16 }
    tensor.reservedByte = 0
    tensor.reserved = 0
    tensor.height = UInt32(shape.height)
    tensor.width = UInt32(shape.width)
    tensor.channels = UInt32(shape.channels)
    let type = tensor.elementType
    let byteCount = shape.height * shape.width * shape.channels * Int(type.byteCount)
    tensor.byteCount = UInt32(byteCount)
    tensor.zeroPoint = min(max(tensor.zeroPoint, type.minimum), type.maximum)
    if !(1..<0x7F80_0000).contains(tensor.scaleBits) { tensor.scaleBits = Float(1).bitPattern }
    let mayShare = shared.allSatisfy { other in
      let isInPlace =
        other.arenaOffset == tensor.arenaOffset && other.elementType.shift == type.shift
      return isInPlace
        || !other.area.overlaps(Int(tensor.arenaOffset)..<Int(tensor.arenaOffset) + byteCount)
    }
    tensor.arenaOffset = UInt32(
      place(Int(tensor.arenaOffset), byteCount: byteCount, beside: mayShare ? areas : nil))
    new.tensors.append(tensor)
    return new.tensors.count - 1
  }

  /// An area of the arena: at `offset` if that is right, else behind all others.
  ///
  /// - Parameter areas: What it must not overlap; nil: it cannot stay.
  mutating func place(_ offset: Int, byteCount: Int, beside areas: [Range<Int>]?) -> Int {
    let wanted = offset..<offset + byteCount
    let stays =
      offset % 4 == 0 && wanted.upperBound <= 1 << 16
      && areas?.allSatisfy { !$0.overlaps(wanted) } ?? false
    let place = stays ? offset : arenaEnd
    arenaEnd = max(arenaEnd, (place + byteCount + 3) / 4 * 4)
    return place
  }

  // MARK: Constants

  /// As many bytes as are asked for, from where they lay.
  func oldConstants(at offset: Int, count: Int) -> [UInt8] {
    guard !old.constants.isEmpty else { return [UInt8](repeating: 0, count: count) }
    return (0..<count).map { old.constants[(offset + $0) % old.constants.count] }
  }

  /// Adds constants and returns their offset; equal ones are there once.
  mutating func add(constants bytes: [UInt8]) -> Int {
    if let place = constantPlaces[bytes] { return place }
    new.constants.align(to: 4)
    let place = new.constants.count
    new.constants += bytes
    constantPlaces[bytes] = place
    return place
  }
}

extension TensorRecord {
  /// Its bytes of the arena.
  var area: Range<Int> { Int(arenaOffset)..<Int(arenaOffset) + Int(byteCount) }
}

extension ElementType {
  var range: ClosedRange<Int> { Int(minimum)...Int(maximum) }
}

extension Int {
  func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
