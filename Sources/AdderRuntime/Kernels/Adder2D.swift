import ADBFormat

extension Interpreter {
  /// The adder layer: `y[oy, ox, o] = requantize(Σₖ |x[k] − f[k]|)`.
  ///
  /// The patches of two output positions are compared with the filters of their group two at a time.
  ///
  /// - Complexity: O(output elements · K)
  @inline(never)
  func adder2d<Kernels: KernelClass>(_ operation: Adder2D, _ kernels: Kernels.Type) {
    if operation.patch.elementType == .int16 {
      compare(operation, Kernels.Halves.self)
    } else if Kernels.SevenBits.self != Kernels.Bytes.self && isSevenBit(operation) {
      compare(operation, Kernels.SevenBits.self)
    } else {
      compare(operation, Kernels.Bytes.self)
    }
  }

  private func compare<Kernel: TileKernel>(_ operation: Adder2D, _ kernel: Kernel.Type) {
    var filter = AdderFilter<Kernel>(operation, self)
    walk(
      operation.patch, operation.window, input: operation.input, output: operation.output, &filter)
  }

  /// Whether no element of a patch or filter exceeds 127.
  private func isSevenBit(_ operation: Adder2D) -> Bool {
    let layout = operation.patch
    let input = program.tensor(operation.input)
    guard operation.filterMaximum <= 127 else { return false }
    let padValues = constants.address(of: layout.padValuesOffset, byteCount: input.channels)
    guard Memory.areSevenBit(padValues, byteCount: input.channels) else { return false }
    if layout.converts { return layout.patchMax <= 127 }
    return Memory.areSevenBit(arena.address(of: input), byteCount: input.byteCount)
  }
}

/// Compares patches with the filters of their group.
private struct AdderFilter<Kernel: TileKernel>: PatchFilter {
  private let filters: UnsafePointer<UInt32>
  private let wordCount: Int
  private let pairCount: UInt32
  private let hasLoneFilter: Bool
  private let scaler: TileScaler
  private let pairScaler: PairScaler?
  /// The block of the next pair: the sums of both filters' elements, then their words.
  private var pair: UnsafePointer<UInt32>
  private var place: TilePlace

  init(_ operation: Adder2D, _ interpreter: borrowing Interpreter) {
    filters = interpreter.constants.address(of: operation.filtersOffset, byteCount: 8)
      .assumingMemoryBound(to: UInt32.self)
    pair = filters
    wordCount = Int(truncatingIfNeeded: operation.patch.wordCount)
    pairCount = operation.patch.outputChannels &>> 1
    hasLoneFilter = operation.patch.outputChannels & 1 != 0
    let output = interpreter.program.tensor(operation.output)
    scaler = TileScaler(operation.requantizer, output: output, interpreter)
    pairScaler = PairScaler(operation.requantizer, output: output, interpreter)
    place = scaler.place(first: 0, second: nil)
  }

  mutating func start(first: Int, second: Int?) {
    place = scaler.place(first: first, second: second)
    pair = filters
  }

  mutating func filter(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, hasTwo: Bool
  ) {
    let a = a.assumingMemoryBound(to: UInt32.self)
    let b = b.assumingMemoryBound(to: UInt32.self)
    let patchA = Kernel.prepare(a, wordCount: wordCount)
    let patchB = hasTwo ? Kernel.prepare(b, wordCount: wordCount) : 0
    var left = pairCount
    if hasTwo, let pairScaler {
      // Locals, because the optimizer takes it that stores of outputs may change the fields.
      var pair = pair
      var place = place
      let wordCount = wordCount
      while left > 0 {
        let sums = Kernel.sums(a, b, pair: pair + 2, wordCount: wordCount)
        pairScaler.store(totals(sums, pair, patchA, patchB), at: &place)
        pair = (pair + (wordCount &<< 1) + 2).opaque
        left &-= 1
      }
      self.pair = pair
      self.place = place
    } else {
      while left > 0 {
        let values = nextTotals(a, b, patchA, patchB, hasTwo: hasTwo)
        scaler.store(values.af, values.bf, at: &place)
        scaler.store(values.ag, values.bg, at: &place)
        left &-= 1
      }
    }
    if hasLoneFilter {
      let values = nextTotals(a, b, patchA, patchB, hasTwo: hasTwo)
      scaler.store(values.af, values.bf, at: &place)
    }
  }

  /// The sums of absolute differences of the next pair.
  @inline(never)
  private mutating func nextTotals(
    _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, _ patchA: UInt32, _ patchB: UInt32,
    hasTwo: Bool
  ) -> TileValues {
    let sums =
      hasTwo
      ? Kernel.sums(a, b, pair: pair + 2, wordCount: wordCount)
      : Kernel.sums(a, pair: pair + 2, wordCount: wordCount)
    let values = totals(sums, pair, patchA, patchB)
    pair = (pair + (wordCount &<< 1) + 2).opaque
    return values
  }

  @inline(__always)
  private func totals(
    _ sums: TileSums, _ pair: UnsafePointer<UInt32>, _ patchA: UInt32, _ patchB: UInt32
  ) -> TileValues {
    let (f, g) = (pair[0], pair[1])
    return TileValues(
      af: Int32(bitPattern: Kernel.total(sums.af, filterSum: f, patch: patchA)),
      ag: Int32(bitPattern: Kernel.total(sums.ag, filterSum: g, patch: patchA)),
      bf: Int32(bitPattern: Kernel.total(sums.bf, filterSum: f, patch: patchB)),
      bg: Int32(bitPattern: Kernel.total(sums.bg, filterSum: g, patch: patchB)))
  }
}
