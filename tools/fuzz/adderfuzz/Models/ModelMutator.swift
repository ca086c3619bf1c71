import ADBFormat
import AdderTestSupport

/// Mutates model files by their records.
///
/// What a mutation leaves to chance, such as a kernel's height or a channel's bias, stays; three of
/// four mutants then have what follows from it made right (`ModelRepair`), so that they verify.
struct ModelMutator {
  private var random: SplitMix64
  private var parts: ModelParts

  /// A model with every operation, from which mutants of what cannot be taken apart come.
  static let origin = ModelBuilder.everyOperation().bytes()
  /// A detector, from which the other half of them come.
  static let detector = ModelBuilder.detector().bytes()

  static func mutant(of file: [UInt8], seed: UInt64) -> [UInt8] {
    guard let parts = ModelParts(file) else { return seed & 1 == 0 ? origin : detector }
    var mutator = ModelMutator(random: SplitMix64(seed: seed), parts: parts)
    return mutator.mutant()
  }

  private mutating func mutant() -> [UInt8] {
    for _ in 0..<Int.random(in: 1...4, using: &random) { mutate() }
    var file: [UInt8]
    if Int.random(in: 0..<4, using: &random) > 0 {
      var repair = ModelRepair(parts, random)
      file = repair.file()
    } else {
      let end = parts.tensors.reduce(0) { max($0, Int($1.arenaOffset) + Int($1.byteCount)) }
      file = parts.bytes(arenaByteCount: min(end, 1 << 20))
    }
    if Int.random(in: 0..<8, using: &random) == 0 {
      file[Int.random(in: 16..<file.count, using: &random)] = anyByte()
      sealModel(&file)
    }
    return file
  }

  private mutating func mutate() {
    switch Int.random(in: 0..<13, using: &random) {
    case 0...3: mutateField()
    case 12: mutateDetection()
    case 4, 5: mutateConstants()
    case 6: mutateTensor()
    case 7: insertOperation()
    case 8: moveOperation()
    case 9: mutateBindings()
    case 10:
      guard let index = parts.others.indices.randomElement(using: &random),
        let place = parts.others[index].bytes.indices.randomElement(using: &random)
      else { return }
      parts.others[index].bytes[place] = anyByte()
    default:
      guard parts.operations.count > 1,
        let index = parts.operations.indices.randomElement(using: &random)
      else { return }
      parts.operations.remove(at: index)
    }
  }

  private mutating func mutateField() {
    guard let index = parts.operations.indices.randomElement(using: &random) else { return }
    let opcode = parts.operations[index].opcode
    guard let field = opcode.recordType.fields.randomElement(using: &random) else { return }
    let value = parts.operations[index][field.name]
    parts.operations[index][field.name] = number(near: value)
  }

  /// Changes a field of what all levels of a detector share, or of a level.
  private mutating func mutateDetection() {
    guard let index = parts.others.firstIndex(where: { $0.kind == .detection }) else { return }
    let (first, each) = (Int(Detection.byteCount), Int(DetectionLevel.byteCount))
    let levelCount = max(parts.others[index].bytes.count - first, 0) / each
    let level = anyIndex(levelCount + 1)
    let fields = level == 0 ? Detection.fields : DetectionLevel.fields
    let field = fields[anyIndex(fields.count)]
    let place = field.offset + (level == 0 ? 0 : first + each * (level - 1))
    guard place + field.byteCount <= parts.others[index].bytes.count else { return }
    let bytes = parts.others[index].bytes[place..<place + field.byteCount]
    let changed = number(near: bytes.reversed().reduce(0) { $0 << 8 | Int($1) })
    for byte in 0..<field.byteCount {
      parts.others[index].bytes[place + byte] = UInt8(truncatingIfNeeded: changed >> (8 * byte))
    }
  }

  private mutating func mutateConstants() {
    guard !parts.constants.isEmpty else {
      parts.constants = (0..<16).map { _ in anyByte() }
      return
    }
    let start = Int.random(in: parts.constants.indices, using: &random)
    for place in start..<min(parts.constants.count, start + [1, 1, 4, 16, 64][anyIndex(5)]) {
      parts.constants[place] = anyByte()
    }
  }

  private mutating func mutateTensor() {
    let index = anyIndex(parts.tensors.count)
    var tensor = parts.tensors[index]
    switch anyIndex(6) {
    case 0: tensor.elementTypeCode = UInt8(1 + anyIndex(3))
    case 1: tensor.zeroPoint = Int32(truncatingIfNeeded: number(near: Int(tensor.zeroPoint)))
    case 2: tensor.arenaOffset = parts.tensors[anyIndex(parts.tensors.count)].arenaOffset
    case 3: tensor.height = UInt32(1 + anyIndex(16))
    case 4: tensor.width = UInt32(1 + anyIndex(16))
    default: tensor.channels = UInt32(1 + anyIndex(12))
    }
    parts.tensors[index] = tensor
  }

  /// Inserts an operation of any kind, which reads any tensors and writes a new one.
  private mutating func insertOperation() {
    let opcode = Opcode.allCases[anyIndex(Opcode.allCases.count)]
    var operation = ModelParts.Operation(opcode: opcode, bytes: opcode.zeroRecord)
    for field in opcode.recordType.fields where !field.name.hasPrefix("header.") {
      operation[field.name] = anyIndex(field.byteCount == 1 ? 2 : 5)
    }
    for field in ["input", "first", "second", "requantizer.residual"] {
      operation[field] = anyIndex(parts.tensors.count)
    }
    for field in ["requantizer.tableOffset", "filtersOffset", "digitsOffset"] {
      operation[field] = anyIndex(max(1, parts.constants.count))
    }
    operation["requantizer.shift"] = anyIndex(12)
    operation["requantizer.outputMin"] = -128 * anyIndex(300)
    operation["requantizer.outputMax"] = 128 * anyIndex(300)
    operation["patch.patchMax"] = 255
    if operation.has("inputCount") {
      operation["inputCount"] = 2
      for _ in 0..<2 { operation.bytes.append(number: UInt32(anyIndex(parts.tensors.count))) }
    }
    operation["output"] = parts.tensors.count
    parts.tensors.append(
      TensorRecord {
        $0.elementTypeCode = UInt8(1 + anyIndex(3))
        $0.scaleBits = Float(1).bitPattern
      })
    parts.operations.insert(operation, at: anyIndex(parts.operations.count + 1))
    if parts.bindings.count < 8 {
      parts.bindings.append(
        Binding(tensor: UInt32(parts.tensors.count - 1), direction: .output))
    }
  }

  private mutating func moveOperation() {
    guard let index = parts.operations.indices.randomElement(using: &random) else { return }
    let operation = parts.operations[index]
    if Bool.random(using: &random) { parts.operations.remove(at: index) }
    guard parts.operations.count < 24 else { return }
    parts.operations.insert(operation, at: anyIndex(parts.operations.count + 1))
  }

  private mutating func mutateBindings() {
    let index = anyIndex(parts.bindings.count)
    switch anyIndex(3) {
    case 0: parts.bindings[index].tensor = UInt32(anyIndex(parts.tensors.count))
    case 1 where parts.bindings.count > 2: parts.bindings.remove(at: index)
    default:
      guard parts.bindings.count < 8 else { return }
      let tensor = UInt32(anyIndex(parts.tensors.count))
      parts.bindings.insert(
        Binding(tensor: tensor, direction: Bool.random(using: &random) ? .input : .output),
        at: index)
    }
  }

  /// A number that is likely to matter.
  private mutating func number(near value: Int) -> Int {
    switch anyIndex(8) {
    case 0: value + 1
    case 1: value - 1
    case 2: value ^ 1 << anyIndex(32)
    case 3: [0, 1, -1, 127, 128, 255, 256, 4096, 32_767, -32_768, 65_535][anyIndex(11)]
    case 4: -value
    case 5: Int(Int32.max) - anyIndex(2)
    case 6: Int(Int32.min) + anyIndex(2)
    default: anyIndex(9)
    }
  }

  private mutating func anyByte() -> UInt8 {
    anyIndex(2) == 0
      ? UInt8.random(in: 0...255, using: &random) : [0, 1, 0x7F, 0x80, 0xFE, 0xFF][anyIndex(6)]
  }

  private mutating func anyIndex(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
}
