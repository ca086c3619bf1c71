import AdderText
import Foundation

/// Reads one pickle to inert values: nothing it names is looked up, and nothing runs.
///
/// Caps: 64 MiB, 10⁶ opcodes, 1,000 open marks, integers of 16 bytes, names of 1,024 bytes. Each
/// opcode adds at most one value and moves the items on the stack at most once, so time and memory
/// are linear in the pickle's length. Text that no name may be is opaque: what is compared or hashed
/// afterwards is short, however often the pickle refers to it.
struct PickleReader {
  static let byteCountLimit = 64 << 20
  static let opcodeLimit = 1_000_000
  static let integerByteLimit = 16
  static let nameByteLimit = ExactName.byteLimit
  static let markLimit = 1_000

  private var cursor: ByteCursor
  private var values: [PickleValue] = []
  private var stack: [PickleReference] = []
  /// Heights of `stack` at each open mark; nothing below the last one can be popped.
  private var marks: [Int] = []
  private var memo: [Int: PickleReference] = [:]

  /// Reads the pickle that starts at the lower bound of `range` and ends anywhere inside it;
  /// messages call it `place`.
  static func read(
    _ file: CheckpointFile, place: String, range: Range<Int>
  ) throws(CompileError) -> Pickle {
    let end = range.lowerBound + min(range.count, byteCountLimit)
    var reader = PickleReader(
      cursor: ByteCursor(file, place: place, range: range.lowerBound..<end))
    return try reader.run()
  }

  private mutating func run() throws(CompileError) -> Pickle {
    let start = cursor.byteOffset
    guard try cursor.readUInt8() == PickleOpcode.proto.rawValue else {
      throw cursor.malformed("expected a pickle of protocol 2 or later", at: start)
    }
    let version = try cursor.readUInt8()
    guard (2...5).contains(version) else {
      throw cursor.malformed(
        "pickle protocol \(version), expected 2 to 5: save with torch.save's default protocol",
        at: start + 1)
    }
    for _ in 0..<Self.opcodeLimit {
      let offset = cursor.byteOffset
      let byte = try cursor.readUInt8()
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw cursor.malformed(
          "pickle opcode 0x\(String(byte, radix: 16)) is not one that torch.save writes",
          at: offset)
      }
      if opcode == .stop {
        let root = try pop(1)
        guard stack.isEmpty, marks.isEmpty else {
          throw cursor.malformed("the pickle stops with values left on its stack", at: offset)
        }
        return Pickle(values: values, root: root[0], endOffset: cursor.byteOffset)
      }
      try execute(opcode)
    }
    throw cursor.malformed("the pickle holds more than \(Self.opcodeLimit) opcodes")
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(CompileError) {
    switch opcode {
    case .proto: throw cursor.malformed("a second protocol opcode")
    case .frame: try skipFrame()
    case .stop: break
    case .none: push(.none)
    case .newTrue: push(.bool(true))
    case .newFalse: push(.bool(false))
    case .binInt: push(.integer(Int(Int32(bitPattern: try cursor.read(UInt32.self)))))
    case .binInt1: push(.integer(Int(try cursor.readUInt8())))
    case .binInt2: push(.integer(Int(try cursor.read(UInt16.self))))
    case .long1: push(try readInteger(byteCount: Int(try cursor.readUInt8())))
    case .long4: push(try readInteger(byteCount: Int(try cursor.read(UInt32.self))))
    case .binFloat: push(.float(Double(bitPattern: try cursor.read(UInt64.self).byteSwapped)))
    case .shortBinUnicode: try pushString(byteCount: UInt64(try cursor.readUInt8()))
    case .binUnicode: try pushString(byteCount: UInt64(try cursor.read(UInt32.self)))
    case .binUnicode8: try pushString(byteCount: try cursor.read(UInt64.self))
    case .shortBinString: try pushByteString(byteCount: UInt64(try cursor.readUInt8()))
    case .binString: try pushByteString(byteCount: UInt64(try cursor.read(UInt32.self)))
    case .shortBinBytes: try skipBytes(byteCount: UInt64(try cursor.readUInt8()))
    case .binBytes: try skipBytes(byteCount: UInt64(try cursor.read(UInt32.self)))
    case .binBytes8, .byteArray8: try skipBytes(byteCount: try cursor.read(UInt64.self))
    case .emptyTuple: push(.tuple([]))
    case .tuple1: push(.tuple(try pop(1)))
    case .tuple2: push(.tuple(try pop(2)))
    case .tuple3: push(.tuple(try pop(3)))
    case .tuple: push(.tuple(try popToMark()))
    case .emptyList: push(.list([]))
    case .list: push(.list(try popToMark()))
    case .emptyDictionary: push(.dictionary([]))
    case .dictionary: push(.dictionary(try Self.pairs(try popToMark(), at: cursor)))
    case .emptySet: push(.set)
    case .frozenSet:
      _ = try popToMark()
      push(.set)
    case .mark: try pushMark()
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop(1) }
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())
    case .binGet: try get(Int(try cursor.readUInt8()))
    case .longBinGet: try get(Int(try cursor.read(UInt32.self)))
    case .binPut: memo[Int(try cursor.readUInt8())] = try top()
    case .longBinPut: memo[Int(try cursor.read(UInt32.self))] = try top()
    case .memoize: memo[memo.count] = try top()
    case .append: try append(try pop(1))
    case .appends: try append(try popToMark())
    case .addItems: try addItems()
    case .setItem: try set(try Self.pairs(try pop(2), at: cursor))
    case .setItems: try set(try Self.pairs(try popToMark(), at: cursor))
    case .global: try pushGlobal()
    case .stackGlobal: try pushStackGlobal()
    case .reduce, .newObject: try pushObject(try pop(2))
    case .newObjectEx: try pushObject(Array(try pop(3).prefix(2)))
    case .build: try build()
    case .binPersistentID: push(.persistent(try pop(1)[0]))
    }
  }

  private mutating func push(_ value: PickleValue) {
    stack.append(PickleReference(values.count))
    values.append(value)
  }
}

extension PickleReader {
  // MARK: Stack and memo

  private var itemsAboveMark: Int { stack.count - (marks.last ?? 0) }

  private func top() throws(CompileError) -> PickleReference {
    guard itemsAboveMark > 0, let top = stack.last else { throw underflow() }
    return top
  }

  /// The last `count` items, in the order they were pushed.
  private mutating func pop(_ count: Int) throws(CompileError) -> [PickleReference] {
    guard itemsAboveMark >= count else { throw underflow() }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(CompileError) -> [PickleReference] {
    guard let mark = marks.popLast() else { throw underflow() }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func pushMark() throws(CompileError) {
    guard marks.count < Self.markLimit else {
      throw cursor.malformed("values are nested deeper than \(Self.markLimit) levels")
    }
    marks.append(stack.count)
  }

  private mutating func get(_ index: Int) throws(CompileError) {
    guard let reference = memo[index] else {
      throw cursor.malformed("memo entry \(index) is used before it is set")
    }
    stack.append(reference)
  }

  private func underflow() -> CompileError {
    cursor.malformed("a pickle opcode takes more values than the stack holds")
  }

  // MARK: Literals

  private mutating func readInteger(byteCount: Int) throws(CompileError) -> PickleValue {
    guard byteCount <= Self.integerByteLimit else {
      throw cursor.malformed(
        "an integer of \(byteCount) bytes, expected at most \(Self.integerByteLimit)")
    }
    let range = try cursor.skip(byteCount)
    guard byteCount <= 8 else { return .opaque }
    var bits: UInt64 = 0
    for index in range.reversed() { bits = bits << 8 | UInt64(cursor.file.bytes[index]) }
    let unused = 64 - 8 * byteCount
    return .integer(byteCount == 0 ? 0 : Int(Int64(bitPattern: bits << unused) >> unused))
  }

  private mutating func pushString(byteCount: UInt64) throws(CompileError) {
    let range = try cursor.skip(Int(clamping: byteCount))
    guard range.count <= Self.nameByteLimit else { return push(.opaque) }
    guard let text = String(validating: cursor.file.bytes[range], as: UTF8.self) else {
      throw cursor.malformed("text is not UTF-8", at: range.lowerBound)
    }
    push(text.isStreamSafe ? .string(text) : .opaque)
  }

  /// Python 2 writes `str` as bytes; text stays text, other bytes are opaque.
  private mutating func pushByteString(byteCount: UInt64) throws(CompileError) {
    let range = try cursor.skip(Int(clamping: byteCount))
    guard range.count <= Self.nameByteLimit,
      let text = String(validating: cursor.file.bytes[range], as: UTF8.self), text.isStreamSafe
    else { return push(.opaque) }
    push(.string(text))
  }

  private mutating func skipBytes(byteCount: UInt64) throws(CompileError) {
    _ = try cursor.skip(Int(clamping: byteCount))
    push(.opaque)
  }

  /// A frame only groups opcodes for the writer's buffer; its length must lie inside the pickle.
  private mutating func skipFrame() throws(CompileError) {
    let byteCount = try cursor.read(UInt64.self)
    guard byteCount <= UInt64(cursor.remainingByteCount) else {
      throw cursor.malformed("a frame of \(byteCount) bytes reaches past the end of the pickle")
    }
  }

  private mutating func pushGlobal() throws(CompileError) {
    let module = try readLine()
    push(.global(module: module, name: try readLine()))
  }

  private mutating func pushStackGlobal() throws(CompileError) {
    let items = try pop(2)
    guard case .string(let module) = values[items[0].index],
      case .string(let name) = values[items[1].index]
    else {
      throw cursor.malformed(
        "a class is named by something other than two strings that can be names")
    }
    push(.global(module: module, name: name))
  }

  private mutating func readLine() throws(CompileError) -> String {
    let start = cursor.byteOffset
    while try cursor.readUInt8() != UInt8(ascii: "\n") {
      guard cursor.byteOffset - start <= Self.nameByteLimit else {
        throw cursor.malformed("a name is longer than \(Self.nameByteLimit) bytes", at: start)
      }
    }
    guard
      let line = String(
        validating: cursor.file.bytes[start..<cursor.byteOffset - 1], as: UTF8.self)
    else { throw cursor.malformed("a name is not UTF-8", at: start) }
    guard line.isStreamSafe else {
      throw cursor.malformed(
        "a name with more than \(ExactName.markLimit) combining marks in a row, expected text",
        at: start)
    }
    return line
  }

  // MARK: Containers and objects

  /// The keys and values that `items` are in turn.
  ///
  /// Static, because the `self` of a method is copied before its arguments are evaluated: the items
  /// would leave a stack that the copy shares, and all of the stack would be copied for them.
  private static func pairs(
    _ items: [PickleReference], at cursor: ByteCursor
  ) throws(CompileError) -> [PickleEntry] {
    guard items.count.isMultiple(of: 2) else {
      throw cursor.malformed("a dictionary is given a key without a value")
    }
    return stride(from: 0, to: items.count, by: 2).map {
      PickleEntry(key: items[$0], value: items[$0 + 1])
    }
  }

  private mutating func append(_ items: [PickleReference]) throws(CompileError) {
    let target = try top().index
    // The stored value is emptied first, so that the array grows in place instead of being copied.
    let value = values[target]
    values[target] = .none
    switch consume value {
    case .list(var list):
      list.append(contentsOf: items)
      values[target] = .list(list)
    case .object(var object):
      object.attached.append(contentsOf: items)
      values[target] = .object(object)
    default: throw cursor.malformed("items are appended to something that is not a list")
    }
  }

  private mutating func set(_ entries: [PickleEntry]) throws(CompileError) {
    let target = try top().index
    let value = values[target]
    values[target] = .none
    switch consume value {
    case .dictionary(var dictionary):
      dictionary.append(contentsOf: entries)
      values[target] = .dictionary(dictionary)
    case .object(var object):
      object.entries.append(contentsOf: entries)
      values[target] = .object(object)
    default: throw cursor.malformed("entries are set on something that is not a dictionary")
    }
  }

  private mutating func addItems() throws(CompileError) {
    _ = try popToMark()
    guard case .set = values[try top().index] else {
      throw cursor.malformed("items are added to something that is not a set")
    }
  }

  private mutating func pushObject(_ items: [PickleReference]) throws(CompileError) {
    push(.object(PickleObject(callable: items[0], arguments: items[1])))
  }

  private mutating func build() throws(CompileError) {
    let state = try pop(1)
    guard case .object = values[try top().index] else {
      throw cursor.malformed("a state is set on something that is not an object")
    }
    try append(state)
  }
}
