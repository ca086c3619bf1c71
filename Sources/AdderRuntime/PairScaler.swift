import ADBFormat

/// The usual requantizer for two channels at two output positions at once: 32 bits, elements of
/// `uint8` or `int16`, no residual or one of the output's type `int16`. `TileScaler` does what it
/// cannot.
struct PairScaler {
  private let entryStep: Int
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  private let range: Scaling.Range
  private let output: UnsafeMutableRawPointer
  private let outputShift: Int
  /// From an element of the output to that of the residual, in bytes; 0 also if there is none.
  private let residualDistance: Int
  private let hasResidual: Bool

  /// Nil where pairs are not scaled at once.
  @inline(never)
  init?(_ layer: Stored<FilterLayer>, _ interpreter: borrowing Interpreter) {
    guard case .pairs(let range) = Scaling(layer, of: interpreter.program) else { return nil }
    self.range = range
    let requantizer = layer.requantizer
    let output = interpreter.program.storedTensor(layer.output)
    self.output = interpreter.arena.address(of: output)
    outputShift = Int(output.elementType.shift)
    if let tensor = requantizer.residualTensor {
      let record = interpreter.program.storedTensor(tensor)
      residualDistance = interpreter.arena.address(of: record) - self.output
      hasResidual = true
    } else {
      residualDistance = 0
      hasResidual = false
    }
    entryStep = requantizer.entryCount == 1 ? 0 : Int(ChannelEntry.byteCount)
    shift = Int32(requantizer.shift)
    lowest = requantizer.outputMin
    highest = requantizer.outputMax
  }

  /// Where the elements of a place lie.
  func cursor(at place: TilePlace) -> PairCursor {
    PairCursor(
      entry: place.entry, first: output + (place.first &<< outputShift),
      second: output + (place.second &<< outputShift))
  }

  /// The place that a cursor has come to.
  func place(of cursor: PairCursor) -> TilePlace {
    TilePlace(
      entry: cursor.entry, first: (cursor.first - output) &>> outputShift,
      second: (cursor.second - output) &>> outputShift)
  }

  /// Stores the elements of the next two channels from their sums, and moves on.
  ///
  /// Where there is no second position, `cursor.second` is `cursor.first`, whose elements are stored
  /// last.
  @inline(__always)
  func store(_ sums: TileValues, at cursor: inout PairCursor) {
    var (af, bf) = nextScaled(sums.af, sums.bf, &cursor)
    var (ag, bg) = nextScaled(sums.ag, sums.bg, &cursor)
    if hasResidual {
      let a = (cursor.first + residualDistance).assumingMemoryBound(to: Int16.self)
      let b = (cursor.second + residualDistance).assumingMemoryBound(to: Int16.self)
      af &+= Int32(a[0])
      ag &+= Int32(a[1])
      bf &+= Int32(b[0])
      bg &+= Int32(b[1])
    }
    let values = TileValues(af: af, ag: ag, bf: bf, bg: bg)
    // With constant limits a clamp can be one instruction.
    switch range {
    case .byte: put(values, UInt8.self, 0, 255, &cursor)
    case .sevenBits: put(values, UInt8.self, 0, 127, &cursor)
    case .positiveHalf: put(values, Int16.self, 0, 32767, &cursor)
    case .partOfByte: put(values, UInt8.self, lowest, highest, &cursor)
    case .partOfHalf: put(values, Int16.self, lowest, highest, &cursor)
    }
  }

  @inline(__always)
  private func nextScaled(_ a: Int32, _ b: Int32, _ cursor: inout PairCursor) -> (Int32, Int32) {
    let row = cursor.entry.load(as: ChannelEntry.self)
    cursor.entry += entryStep
    let (p, q) = FixedPoint.scaled(
      a &- row.centre, b &- row.centre, by: row.terms, bias: row.bias)
    return (p &>> shift, q &>> shift)
  }

  @inline(__always)
  private func put<Element: FixedWidthInteger>(
    _ values: TileValues, _ type: Element.Type, _ lowest: Int32, _ highest: Int32,
    _ cursor: inout PairCursor
  ) {
    let a = cursor.first.assumingMemoryBound(to: type)
    let b = cursor.second.assumingMemoryBound(to: type)
    b[0] = Element(truncatingIfNeeded: FixedPoint.clamp(values.bf, lowest, highest))
    b[1] = Element(truncatingIfNeeded: FixedPoint.clamp(values.bg, lowest, highest))
    a[0] = Element(truncatingIfNeeded: FixedPoint.clamp(values.af, lowest, highest))
    a[1] = Element(truncatingIfNeeded: FixedPoint.clamp(values.ag, lowest, highest))
    cursor.first = UnsafeMutableRawPointer(a + 2)
    cursor.second = UnsafeMutableRawPointer(b + 2)
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

/// `TilePlace` as addresses of elements.
struct PairCursor {
  var entry: UnsafeRawPointer
  var first: UnsafeMutableRawPointer
  var second: UnsafeMutableRawPointer
}
