import ADBFormat

/// A requantizer at one or two output positions, channel after channel, with its residual and
/// output.
struct TileScaler {
  private let table: UnsafeRawPointer
  /// From one channel's entry to the next: 0 if all share one.
  private let entryStep: Int
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  /// Whether sums have 64 bits.
  let isWide: Bool
  private let output: UnsafeMutableRawPointer
  private let outputType: ElementType
  private let residual: UnsafeRawPointer?
  private let residualType: ElementType
  /// The entry of the next channel.
  private var entry: UnsafeRawPointer
  /// The index of the next element at the first position, and at the second.
  private var first = 0
  private var second = 0

  init(_ requantizer: Requantizer, output: TensorRecord, _ interpreter: borrowing Interpreter) {
    entryStep = requantizer.entryCount == 1 ? 0 : Int(requantizer.entryByteCount)
    table = interpreter.constants.address(
      of: requantizer.tableOffset, byteCount: requantizer.entryByteCount)
    entry = table
    shift = Int32(requantizer.shift)
    lowest = requantizer.outputMin
    highest = requantizer.outputMax
    isWide = requantizer.wide
    self.output = interpreter.arena.address(of: output)
    outputType = output.elementType
    if let tensor = requantizer.residualTensor {
      let record = interpreter.program.tensor(tensor)
      residual = UnsafeRawPointer(interpreter.arena.address(of: record))
      residualType = record.elementType
    } else {
      residual = nil
      residualType = .uint8
    }
  }

  /// Goes to channel 0 of the elements at `first` and, if there is one, `second`.
  mutating func start(first: Int, second: Int?) {
    entry = table
    self.first = first
    // Without a second position its elements lie where those of the first do, which are stored
    // behind them.
    self.second = second ?? first
  }

  /// Stores the elements of the next channel from its sums at both positions.
  mutating func store(_ a: Int32, _ b: Int32) {
    store(TileValues(af: a, ag: 0, bf: b, bg: 0), hasTwoChannels: false)
  }

  /// Stores the elements of the next channel, or the next two, from their sums at both positions.
  @inline(never)
  mutating func store(_ sums: TileValues, hasTwoChannels: Bool) {
    if isWide {
      store(FixedPoint.widened(sums.af), FixedPoint.widened(sums.bf))
      if hasTwoChannels { store(FixedPoint.widened(sums.ag), FixedPoint.widened(sums.bg)) }
      return
    }
    var values = sums
    (values.af, values.bf) = nextScaled(sums.af, sums.bf)
    if hasTwoChannels { (values.ag, values.bg) = nextScaled(sums.ag, sums.bg) }
    if let residual {
      switch residualType {
      case .uint8: add(residual.assumingMemoryBound(to: UInt8.self), to: &values, hasTwoChannels)
      case .int16: add(residual.assumingMemoryBound(to: Int16.self), to: &values, hasTwoChannels)
      case .int32: add(residual.assumingMemoryBound(to: Int32.self), to: &values, hasTwoChannels)
      }
    }
    switch outputType {
    case .uint8: put(values, output.assumingMemoryBound(to: UInt8.self), hasTwoChannels)
    case .int16: put(values, output.assumingMemoryBound(to: Int16.self), hasTwoChannels)
    case .int32: put(values, output.assumingMemoryBound(to: Int32.self), hasTwoChannels)
    }
    first &+= hasTwoChannels ? 2 : 1
    second &+= hasTwoChannels ? 2 : 1
  }

  /// Stores the elements of the next channel from its sums at both positions.
  ///
  /// - Precondition: `isWide`.
  @inline(never)
  mutating func store(_ a: Int64, _ b: Int64) {
    let row = WideChannelEntry(at: entry)
    entry += entryStep
    let residualB = residual(at: second)
    let residualA = residual(at: first)
    put(
      FixedPoint.requantize(
        b, row, shift: shift, residual: residualB, lowest: lowest, highest: highest), at: second)
    put(
      FixedPoint.requantize(
        a, row, shift: shift, residual: residualA, lowest: lowest, highest: highest), at: first)
    first &+= 1
    second &+= 1
  }

  /// The sums of the next channel at both positions, scaled.
  @inline(__always)
  private mutating func nextScaled(_ a: Int32, _ b: Int32) -> (Int32, Int32) {
    let row = ChannelEntry(at: entry)
    entry += entryStep
    let (p, q) = FixedPoint.scaled(a &- row.centre, b &- row.centre, by: row.terms)
    return ((p &+ row.bias) &>> shift, (q &+ row.bias) &>> shift)
  }

  @inline(__always)
  private func add<Element: FixedWidthInteger>(
    _ residual: UnsafePointer<Element>, to values: inout TileValues, _ hasTwoChannels: Bool
  ) {
    values.af &+= Int32(truncatingIfNeeded: residual[first])
    values.bf &+= Int32(truncatingIfNeeded: residual[second])
    if hasTwoChannels {
      values.ag &+= Int32(truncatingIfNeeded: residual[first &+ 1])
      values.bg &+= Int32(truncatingIfNeeded: residual[second &+ 1])
    }
  }

  @inline(__always)
  private func put<Element: FixedWidthInteger>(
    _ values: TileValues, _ output: UnsafeMutablePointer<Element>, _ hasTwoChannels: Bool
  ) {
    output[second] = Element(truncatingIfNeeded: clamp(values.bf))
    output[first] = Element(truncatingIfNeeded: clamp(values.af))
    if hasTwoChannels {
      output[second &+ 1] = Element(truncatingIfNeeded: clamp(values.bg))
      output[first &+ 1] = Element(truncatingIfNeeded: clamp(values.ag))
    }
  }

  private func put(_ element: Int32, at index: Int) {
    output.store(element, at: index, outputType)
  }

  private func residual(at index: Int) -> Int32 {
    guard let residual else { return 0 }
    return residual.element(at: index, residualType)
  }

  @inline(__always)
  private func clamp(_ v: Int32) -> Int32 { FixedPoint.clamp(v, lowest, highest) }
}

/// One number for each position, a and b, and channel, f and g, of a tile.
struct TileValues {
  var af: Int32
  var ag: Int32
  var bf: Int32
  var bg: Int32
}
