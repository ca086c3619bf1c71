import ADBFormat

/// A requantizer at one or two output positions, channel after channel, with its residual and
/// output.
struct TileScaler {
  private let table: UnsafeRawPointer
  /// From one channel's entry to the next: 0 if all share one.
  private var entryStep: Int
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  /// Whether sums have 64 bits.
  let isWide: Bool
  private let output: UnsafeMutableRawPointer
  private let outputType: ElementType
  private let residual: UnsafeRawPointer?
  private let residualType: ElementType

  @inline(never)
  init(
    _ requantizer: Stored<Requantizer>, output: Stored<TensorRecord>,
    _ interpreter: borrowing Interpreter
  ) {
    entryStep = requantizer.entryCount == 1 ? 0 : Int(requantizer.entryByteCount)
    table = interpreter.constants.address(
      of: requantizer.tableOffset, byteCount: requantizer.entryByteCount)
    shift = Int32(requantizer.shift)
    lowest = requantizer.outputMin
    highest = requantizer.outputMax
    isWide = requantizer.wide
    self.output = interpreter.arena.address(of: output)
    outputType = output.elementType
    if let tensor = requantizer.residualTensor {
      let record = interpreter.program.storedTensor(tensor)
      residual = UnsafeRawPointer(interpreter.arena.address(of: record))
      residualType = record.elementType
    } else {
      residual = nil
      residualType = .uint8
    }
  }

  /// Has all channels share the entry that a place begins with.
  mutating func shareEntries() { entryStep = 0 }

  /// The bytes of so many entries.
  func byteCount(ofEntries count: Int) -> Int {
    (count &<< 4) &+ (isWide ? count &<< 3 : 0)
  }

  /// The place of channel 0 of the elements at `first` and, if there is one, `second`.
  ///
  /// Without a second position its elements lie where those of the first do, which are stored last.
  func place(first: Int, second: Int?) -> TilePlace {
    TilePlace(entry: table, first: first, second: second ?? first)
  }

  /// Stores the elements of the next channel from its sums at both positions, and moves on.
  @inline(never)
  func store(_ a: Int32, _ b: Int32, at place: inout TilePlace) {
    if isWide {
      store(FixedPoint.widened(a), FixedPoint.widened(b), at: &place)
      return
    }
    let row = place.entry.load(as: ChannelEntry.self)
    let (p, q) = FixedPoint.scaled(
      a &- row.centre, b &- row.centre, by: row.terms, bias: row.bias)
    let (v, w) = (p &>> shift, q &>> shift)
    let residualB = residual(at: place.second)
    let residualA = residual(at: place.first)
    put(FixedPoint.clamp(w &+ residualB, lowest, highest), at: place.second)
    put(FixedPoint.clamp(v &+ residualA, lowest, highest), at: place.first)
    advance(&place)
  }

  /// Stores the elements of the next channel from its sums at both positions, and moves on.
  ///
  /// - Precondition: `isWide`.
  @inline(never)
  func store(_ a: Int64, _ b: Int64, at place: inout TilePlace) {
    let row = Stored<WideChannelEntry>(place.entry)
    let residualB = residual(at: place.second)
    let residualA = residual(at: place.first)
    put(scaled(b, row, residualB), at: place.second)
    put(scaled(a, row, residualA), at: place.first)
    advance(&place)
  }

  @inline(never)
  private func scaled(_ sum: Int64, _ row: Stored<WideChannelEntry>, _ residual: Int32) -> Int32 {
    let v = FixedPoint.shiftedRight(row.scaled(sum), by: UInt32(bitPattern: shift))
    return FixedPoint.clamp(v &+ FixedPoint.widened(residual), lowest, highest)
  }

  private func put(_ element: Int32, at index: Int) {
    output.store(element, at: index, outputType)
  }

  private func residual(at index: Int) -> Int32 {
    guard let residual else { return 0 }
    return residual.element(at: index, residualType)
  }

  private func advance(_ place: inout TilePlace) {
    place.entry += entryStep
    place.first &+= 1
    place.second &+= 1
  }
}
