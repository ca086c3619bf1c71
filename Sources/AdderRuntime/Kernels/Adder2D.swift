import ADBFormat

extension Interpreter {
  /// The adder layer: `y[oy, ox, o] = requantize(Σₖ |x[k] − f[k]|)`.
  ///
  /// The patches of two output positions are compared with the filters of their group two at a time.
  ///
  /// - Complexity: O(output elements · K)
  @inline(never)
  func adder2d<Kernels: KernelClass>(_ operation: Stored<Adder2D>, _ kernels: Kernels.Type) {
    switch SumsChoice(operation, of: program, kernels) {
    case .halves: compare(operation, Kernels.Halves.self)
    case .sevenBits: compare(operation, Kernels.SevenBits.self)
    case .sevenBitsOrBytes where isInputSevenBit(operation):
      compare(operation, Kernels.SevenBits.self)
    case .bytes, .sevenBitsOrBytes: compare(operation, Kernels.Bytes.self)
    }
  }

  @inline(never)
  private func compare<Kernel: TileKernel>(_ operation: Stored<Adder2D>, _ kernel: Kernel.Type) {
    var filter = AdderFilter<Kernel>(operation, self)
    var gatherer = PatchGatherer(operation.layer, self)
    var walk = TileWalk(operation.layer, self)
    while walk.next(&gatherer) {
      if walk.isFirstGroup {
        filter.start(first: walk.outputIndex, second: walk.secondOutputIndex)
      }
      filter.filter(walk.a, walk.second, hasTwo: walk.hasTwo)
    }
  }

  /// Whether no element of the input, which is `uint8`, exceeds 127.
  @inline(never)
  private func isInputSevenBit(_ operation: Stored<Adder2D>) -> Bool {
    let input = tensor(operation.layer.input)
    return Memory.areSevenBit(arena.address(of: input), byteCount: input.byteCount)
  }
}

/// Compares patches with the filters of their group.
private struct AdderFilter<Kernel: TileKernel>: ~Copyable {
  private let filters: UnsafePointer<UInt32>
  private let wordCount: Int
  private let pairCount: UInt32
  private let hasLoneFilter: Bool
  private let scaler: TileScaler
  private let pairScaler: PairScaler?
  /// The block of the next pair: the sums of both filters' elements, then their words.
  private var pair: UnsafePointer<UInt32>
  private var place: TilePlace

  init(_ operation: Stored<Adder2D>, _ interpreter: borrowing Interpreter) {
    scaler = TileScaler(
      operation.layer.requantizer, output: interpreter.tensor(operation.layer.output), interpreter)
    pairScaler = PairScaler(operation.layer, interpreter)
    place = scaler.place(first: 0, second: nil)
    filters = interpreter.constants
      .address(of: operation.filtersOffset, byteCount: 8)
      .assumingMemoryBound(to: UInt32.self)
    pair = filters
    let patch = operation.layer.patch
    wordCount = Int(truncatingIfNeeded: patch.wordCount)
    let filterCount = patch.outputChannels
    pairCount = filterCount &>> 1
    hasLoneFilter = filterCount & 1 != 0
  }

  /// Goes to the first filter for a tile.
  mutating func start(first: Int, second: Int?) {
    place = scaler.place(first: first, second: second)
    pair = filters
  }

  /// Compares the patches of a tile, the second of use if there are two, with a group's filters.
  @inline(never)
  mutating func filter(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, hasTwo: Bool
  ) {
    let a = a.assumingMemoryBound(to: UInt32.self)
    let b = b.assumingMemoryBound(to: UInt32.self)
    let patchA = Kernel.prepare(a, wordCount: wordCount)
    let patchB = hasTwo ? Kernel.prepare(b, wordCount: wordCount) : 0
    var left = pairCount
    if Kernel.isBytes, hasTwo, let pairScaler {
      // Locals, because the optimizer takes it that stores of outputs may change the fields.
      var pair = pair
      var cursor = pairScaler.cursor(at: place)
      let wordCount = wordCount
      while left > 0 {
        let sums = Kernel.sums(a, b, pair: pair + 2, wordCount: wordCount)
        pairScaler.store(totals(sums, pair, patchA, patchB), at: &cursor)
        pair = (pair + (wordCount &<< 1) + 2).opaque
        left &-= 1
      }
      self.pair = pair
      place = pairScaler.place(of: cursor)
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
    var sums: TileSums
    if hasTwo && !Kernel.isBytes {
      sums = Kernel.sums(a, b, pair: pair + 2, wordCount: wordCount)
    } else {
      // Of bytes only lone filters and rare requantizers come here: one loop's code serves them.
      sums = Kernel.sums(a, pair: pair + 2, wordCount: wordCount)
      if hasTwo {
        let second = Kernel.sums(b, pair: pair + 2, wordCount: wordCount)
        (sums.bf, sums.bg) = (second.af, second.ag)
      }
    }
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
