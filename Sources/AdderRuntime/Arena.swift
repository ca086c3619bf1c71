import ADBFormat

/// The working memory of one interpreter.
///
/// Every address that the runtime uses comes from here or from `Constants` below: the verifier has
/// shown that each tensor and scratch area lies in the arena's first `arenaByteCount` bytes and each
/// constant in its section. Views check each index against their own count; the kernels of filter
/// layers walk by address, within the counts that the verifier has compared with the areas.
struct Arena {
  let start: UnsafeMutableRawPointer
  private let byteCount: UInt32

  /// - Throws: `arenaTooShort`, or `misalignedArena` if the address is no multiple of 4.
  init(_ memory: UnsafeMutableRawBufferPointer, byteCount: UInt32) throws(ModelError) {
    guard let start = memory.baseAddress, UInt(bitPattern: memory.count) >= UInt(byteCount) else {
      throw ModelError(.arenaTooShort, at: 16)
    }
    guard UInt(bitPattern: start) & 3 == 0 else { throw ModelError(.misalignedArena, at: 16) }
    self.init(checked: start, byteCount: byteCount)
  }

  /// An arena again, from the `start` of one.
  init(checked start: UnsafeMutableRawPointer, byteCount: UInt32) {
    self.start = start
    self.byteCount = byteCount
  }

  /// The elements of a tensor.
  func view(of tensor: Stored<TensorRecord>) -> TensorView {
    TensorView(
      start: pointer(at: tensor.arenaOffset, byteCount: tensor.byteCount),
      count: Int(truncatingIfNeeded: tensor.elementCount), elementType: tensor.elementType)
  }

  /// The address of a tensor.
  func address(of tensor: Stored<TensorRecord>) -> UnsafeMutableRawPointer {
    pointer(at: tensor.arenaOffset, byteCount: tensor.byteCount)
  }

  /// The scratch area of a filter layer, which holds two patches, filled with zeros.
  func clearedScratch(at offset: UInt32, byteCount: UInt32) -> UnsafeMutableRawPointer {
    let scratch = pointer(at: offset, byteCount: byteCount)
    Memory.clear(scratch, byteCount: byteCount)
    return scratch
  }

  /// The bytes of a tensor, for the caller of a run.
  func bytes(of tensor: Stored<TensorRecord>) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: pointer(at: tensor.arenaOffset, byteCount: tensor.byteCount),
      count: Int(truncatingIfNeeded: tensor.byteCount))
  }

  private func pointer(at offset: UInt32, byteCount: UInt32) -> UnsafeMutableRawPointer {
    precondition(byteCount <= self.byteCount && offset <= self.byteCount &- byteCount)
    return start + Int(truncatingIfNeeded: offset)
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
    return start.element(at: index, elementType)
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
      start.store(newValue, at: index, elementType)
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
    Memory.copy(
      source.start + (sourceIndex &<< shift), to: start + (index &<< shift),
      byteCount: runCount &<< shift)
  }
}

/// The constants of a program.
struct Constants {
  private let program: ProgramView

  init(of program: ProgramView) {
    self.program = program
  }

  /// Elements that begin at a byte offset.
  func elements(at offset: UInt32, count: UInt32, elementType: ElementType) -> ElementView {
    ElementView(
      start: address(of: offset, byteCount: count &<< elementType.shift),
      count: Int(count), elementType: elementType)
  }

  /// The address of constants that begin at a byte offset.
  func address(of offset: UInt32, byteCount: UInt32) -> UnsafeRawPointer {
    let bytes = program.constants
    let count = UInt32(truncatingIfNeeded: bytes.count)
    precondition(offset <= count && byteCount <= count &- offset)
    guard let start = bytes.baseAddress else { preconditionFailure("constants have an address") }
    return start + Int(truncatingIfNeeded: offset)
  }

  /// The row of a narrow channel table at a byte offset.
  func entry(at offset: UInt32) -> ChannelEntry {
    address(of: offset, byteCount: ChannelEntry.byteCount).load(as: ChannelEntry.self)
  }

  /// The row of a wide channel table at a byte offset.
  func wideEntry(at offset: UInt32) -> Stored<WideChannelEntry> {
    Stored(address(of: offset, byteCount: WideChannelEntry.byteCount))
  }
}

extension UnsafeRawPointer {
  /// The element at an index of a tensor, widened to 32 bits.
  ///
  /// - Precondition: The pointer is a tensor's, and the index below its count.
  @inline(__always)
  func element(at index: Int, _ type: ElementType) -> Int32 {
    switch type {
    case .uint8: Int32(truncatingIfNeeded: load(fromByteOffset: index, as: UInt8.self))
    case .int16: Int32(truncatingIfNeeded: load(fromByteOffset: index &<< 1, as: Int16.self))
    case .int32: load(fromByteOffset: index &<< 2, as: Int32.self)
    }
  }
}

extension UnsafeMutableRawPointer {
  /// Stores the low bits of a value as the element at an index of a tensor.
  ///
  /// - Precondition: The pointer is a tensor's, and the index below its count.
  @inline(__always)
  func store(_ value: Int32, at index: Int, _ type: ElementType) {
    switch type {
    case .uint8:
      storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: index, as: UInt8.self)
    case .int16:
      storeBytes(of: Int16(truncatingIfNeeded: value), toByteOffset: index &<< 1, as: Int16.self)
    case .int32: storeBytes(of: value, toByteOffset: index &<< 2, as: Int32.self)
    }
  }
}
