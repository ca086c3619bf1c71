import ADBFormat

/// The working memory of one interpreter.
///
/// The unsafe code of the runtime is in this file: the verifier has shown that each tensor and
/// scratch area lies in the arena's first `arenaByteCount` bytes and each constant in its section,
/// and the views below check each index against their own count.
struct Arena {
  private let start: UnsafeMutableRawPointer
  private let byteCount: Int

  /// - Throws: `arenaTooShort`, or `misalignedArena` if the address is no multiple of 4.
  init(_ memory: UnsafeMutableRawBufferPointer, byteCount: UInt32) throws(ModelError) {
    guard let start = memory.baseAddress, UInt(bitPattern: memory.count) >= UInt(byteCount) else {
      throw ModelError(.arenaTooShort, at: 16)
    }
    guard UInt(bitPattern: start) & 3 == 0 else { throw ModelError(.misalignedArena, at: 16) }
    self.start = start
    self.byteCount = Int(truncatingIfNeeded: byteCount)
  }

  /// The elements of a tensor.
  func view(of tensor: TensorRecord) -> TensorView {
    TensorView(
      start: pointer(at: tensor.arenaOffset, byteCount: tensor.byteCount),
      count: Int(truncatingIfNeeded: tensor.elementCount), elementType: tensor.elementType)
  }

  /// The first of the two patches that a scratch area has room for, zeros to the end of its words.
  func patch(of layout: PatchLayout) -> TensorView {
    let byteCount = layout.wordCount &<< 2
    let patch = pointer(at: layout.scratchOffset, byteCount: byteCount)
    UnsafeMutableRawBufferPointer(
      start: patch, count: Int(truncatingIfNeeded: byteCount)
    ).initializeMemory(as: UInt8.self, repeating: 0)
    return TensorView(
      start: patch, count: Int(truncatingIfNeeded: layout.elementCount),
      elementType: layout.elementType)
  }

  /// The bytes of a tensor, for the caller of a run.
  func bytes(of tensor: TensorRecord) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: pointer(at: tensor.arenaOffset, byteCount: tensor.byteCount),
      count: Int(truncatingIfNeeded: tensor.byteCount))
  }

  private func pointer(at offset: UInt32, byteCount: UInt32) -> UnsafeMutableRawPointer {
    let offset = Int(truncatingIfNeeded: offset)
    precondition(offset &+ Int(truncatingIfNeeded: byteCount) <= self.byteCount)
    return start + offset
  }
}

/// Elements that are only read, widened to 32 bits.
struct ElementView {
  fileprivate let start: UnsafeRawPointer
  let count: Int
  let elementType: ElementType

  /// The element at an index.
  subscript(index: Int) -> Int32 {
    // In bounds: `count` elements of this type begin at `start`.
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
    switch elementType {
    case .uint8:
      return Int32(truncatingIfNeeded: start.load(fromByteOffset: index, as: UInt8.self))
    case .int16:
      return Int32(truncatingIfNeeded: start.load(fromByteOffset: index &<< 1, as: Int16.self))
    case .int32:
      return start.load(fromByteOffset: index &<< 2, as: Int32.self)
    }
  }

  /// The first elements as 32-bit words.
  ///
  /// - Precondition: The memory reaches to the end of the last word, as that of a patch does.
  func words(count wordCount: Int) -> WordView {
    precondition((count &<< Int(elementType.shift)) <= wordCount &<< 2)
    return WordView(start: start, count: wordCount)
  }
}

/// Elements of a tensor in the arena, as 32-bit numbers whatever their type.
struct TensorView {
  private let start: UnsafeMutableRawPointer
  let count: Int
  let elementType: ElementType

  fileprivate init(start: UnsafeMutableRawPointer, count: Int, elementType: ElementType) {
    self.start = start
    self.count = count
    self.elementType = elementType
  }

  /// The same elements, read only.
  var elements: ElementView { ElementView(start: start, count: count, elementType: elementType) }

  /// The element at an index; stores keep the low bits.
  subscript(index: Int) -> Int32 {
    get { elements[index] }
    nonmutating set {
      // In bounds: `count` elements of this type begin at `start`.
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      switch elementType {
      case .uint8:
        start.storeBytes(
          of: UInt8(truncatingIfNeeded: newValue), toByteOffset: index, as: UInt8.self)
      case .int16:
        start.storeBytes(
          of: Int16(truncatingIfNeeded: newValue), toByteOffset: index &<< 1, as: Int16.self)
      case .int32:
        start.storeBytes(of: newValue, toByteOffset: index &<< 2, as: Int32.self)
      }
    }
  }

  /// Copies a run of elements.
  ///
  /// - Precondition: Both have one element type and do not overlap.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  func copy(_ source: ElementView, at sourceIndex: Int, to index: Int, count runCount: Int) {
    // In bounds: both runs lie inside their views.
    precondition(source.elementType == elementType)
    precondition(sourceIndex >= 0 && runCount <= source.count &- sourceIndex)
    precondition(index >= 0 && runCount >= 0 && runCount <= count &- index)
    let shift = Int(elementType.shift)
    (start + (index &<< shift)).copyMemory(
      from: source.start + (sourceIndex &<< shift), byteCount: runCount &<< shift)
  }
}

/// Words of 32 bits that are only read.
struct WordView {
  fileprivate let start: UnsafeRawPointer
  let count: Int

  /// The word at an index that the caller has compared with `count`, once for a whole loop.
  subscript(unchecked index: Int) -> UInt32 {
    start.load(fromByteOffset: index &<< 2, as: UInt32.self)
  }
}

/// The constants of a program.
struct Constants {
  private let bytes: UnsafeRawBufferPointer

  init(of program: ProgramView) {
    bytes = program.constants
  }

  /// Elements that begin at a byte offset.
  func elements(at offset: UInt32, count: UInt32, elementType: ElementType) -> ElementView {
    ElementView(
      start: pointer(at: Int(offset), byteCount: Int(count) &<< Int(elementType.shift)),
      count: Int(count), elementType: elementType)
  }

  /// Words that begin at a byte offset.
  func words(at offset: Int, count: Int) -> WordView {
    WordView(start: pointer(at: offset, byteCount: count &<< 2), count: count)
  }

  /// The digit at a byte offset.
  func digit(at offset: Int) -> Int {
    Int(pointer(at: offset, byteCount: 2).load(as: UInt16.self))
  }

  /// The row of a narrow channel table at a byte offset.
  func entry(at offset: Int) -> ChannelEntry {
    let row = pointer(at: offset, byteCount: 16)
    return ChannelEntry(
      centre: row.load(as: Int32.self), bias: row.load(fromByteOffset: 4, as: Int32.self),
      terms: ScaleTerms(
        low: row.load(fromByteOffset: 8, as: UInt32.self),
        high: row.load(fromByteOffset: 12, as: UInt32.self)))
  }

  /// The row of a wide channel table at a byte offset.
  func wideEntry(at offset: Int) -> WideChannelEntry {
    let row = pointer(at: offset, byteCount: 24)
    return WideChannelEntry(
      centre: row.loadUnaligned(as: Int64.self),
      bias: row.loadUnaligned(fromByteOffset: 8, as: Int64.self),
      terms: ScaleTerms(
        low: row.load(fromByteOffset: 16, as: UInt32.self),
        high: row.load(fromByteOffset: 20, as: UInt32.self)))
  }

  private func pointer(at offset: Int, byteCount: Int) -> UnsafeRawPointer {
    precondition(offset >= 0 && byteCount >= 0 && byteCount <= bytes.count &- offset)
    guard let start = bytes.baseAddress else { preconditionFailure("constants have an address") }
    return start + offset
  }
}
