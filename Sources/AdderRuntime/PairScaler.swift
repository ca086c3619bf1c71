import ADBFormat

/// The usual requantizer for two channels at two output positions at once: 32 bits, elements of
/// `uint8` or `int16`, no residual or one of `int16`. `TileScaler` does what it cannot.
struct PairScaler {
  private let entryStep: Int
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  private let range: Range
  private let output: UnsafeMutableRawPointer
  private let residual: UnsafePointer<Int16>?

  /// Nil for other requantizers.
  init?(_ requantizer: Requantizer, output: TensorRecord, _ interpreter: borrowing Interpreter) {
    guard !requantizer.wide, output.elementType != .int32 else { return nil }
    if let tensor = requantizer.residualTensor {
      let record = interpreter.program.tensor(tensor)
      guard record.elementType == .int16 else { return nil }
      residual = UnsafePointer(
        interpreter.arena.address(of: record).assumingMemoryBound(to: Int16.self))
    } else {
      residual = nil
    }
    entryStep = requantizer.entryCount == 1 ? 0 : Int(ChannelEntry.byteCount)
    shift = Int32(requantizer.shift)
    lowest = requantizer.outputMin
    highest = requantizer.outputMax
    let isByte = output.elementType == .uint8
    if lowest == 0 && highest == output.elementType.maximum {
      range = isByte ? .byte : .positiveHalf
    } else {
      range = isByte ? .partOfByte : .partOfHalf
    }
    self.output = interpreter.arena.address(of: output)
  }

  /// Stores the elements of the next two channels from their sums, and moves on.
  ///
  /// Where there is no second position, `place.second` is `place.first`, whose elements are stored
  /// last.
  @inline(__always)
  func store(_ sums: TileValues, at place: inout TilePlace) {
    var (af, bf) = nextScaled(sums.af, sums.bf, &place)
    var (ag, bg) = nextScaled(sums.ag, sums.bg, &place)
    if let residual {
      let (a, b) = (residual + place.first, residual + place.second)
      af &+= Int32(a[0])
      ag &+= Int32(a[1])
      bf &+= Int32(b[0])
      bg &+= Int32(b[1])
    }
    let values = TileValues(af: af, ag: ag, bf: bf, bg: bg)
    // With constant limits a clamp can be one instruction.
    switch range {
    case .byte: put(values, UInt8.self, 0, 255, place)
    case .positiveHalf: put(values, Int16.self, 0, 32767, place)
    case .partOfByte: put(values, UInt8.self, lowest, highest, place)
    case .partOfHalf: put(values, Int16.self, lowest, highest, place)
    }
    place.first &+= 2
    place.second &+= 2
  }

  @inline(__always)
  private func nextScaled(_ a: Int32, _ b: Int32, _ place: inout TilePlace) -> (Int32, Int32) {
    let row = ChannelEntry(at: place.entry)
    place.entry += entryStep
    let (p, q) = FixedPoint.scaled(a &- row.centre, b &- row.centre, by: row.terms)
    return ((p &+ row.bias) &>> shift, (q &+ row.bias) &>> shift)
  }

  @inline(__always)
  private func put<Element: FixedWidthInteger>(
    _ values: TileValues, _ type: Element.Type, _ lowest: Int32, _ highest: Int32,
    _ place: TilePlace
  ) {
    let elements = output.assumingMemoryBound(to: type)
    let (a, b) = (elements + place.first, elements + place.second)
    b[0] = Element(truncatingIfNeeded: FixedPoint.clamp(values.bf, lowest, highest))
    b[1] = Element(truncatingIfNeeded: FixedPoint.clamp(values.bg, lowest, highest))
    a[0] = Element(truncatingIfNeeded: FixedPoint.clamp(values.af, lowest, highest))
    a[1] = Element(truncatingIfNeeded: FixedPoint.clamp(values.ag, lowest, highest))
  }

  /// What outputs are clamped to.
  private enum Range {
    /// `uint8` in 0…255.
    case byte
    /// `int16` in 0…32767.
    case positiveHalf
    /// `uint8` within other limits.
    case partOfByte
    /// `int16` within other limits.
    case partOfHalf
  }
}

/// One number for each position, a and b, and channel, f and g, of a tile.
struct TileValues {
  var af: Int32
  var ag: Int32
  var bf: Int32
  var bg: Int32
}

/// Where the next channel of a tile is: its entry in the channel table, and the index of its element
/// at the first position and at the second.
struct TilePlace {
  var entry: UnsafeRawPointer
  var first: Int
  var second: Int
}
