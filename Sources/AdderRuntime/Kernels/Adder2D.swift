import ADBFormat

extension Interpreter {
  /// The adder layer: `y[oy, ox, o] = requantize(Σₖ |x[k] − f[k]|)`.
  ///
  /// The patches of two output positions are compared with the filters of their group two at a time.
  ///
  /// - Complexity: O(output elements · K)
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
  private let filterCount: UInt32
  private var scaler: TileScaler
  /// The block of the next pair: the sums of both filters' elements, then their words.
  private var pair: UnsafePointer<UInt32>

  init(_ operation: Adder2D, _ interpreter: borrowing Interpreter) {
    filters = interpreter.constants.address(of: operation.filtersOffset, byteCount: 8)
      .assumingMemoryBound(to: UInt32.self)
    pair = filters
    wordCount = Int(truncatingIfNeeded: operation.patch.wordCount)
    filterCount = operation.patch.outputChannels
    scaler = TileScaler(
      operation.requantizer, output: interpreter.program.tensor(operation.output), interpreter)
  }

  mutating func start(first: Int, second: Int?) {
    scaler.start(first: first, second: second)
    pair = filters
  }

  mutating func filter(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, hasTwo: Bool
  ) {
    let a = a.assumingMemoryBound(to: UInt32.self)
    let b = b.assumingMemoryBound(to: UInt32.self)
    let patchA = Kernel.prepare(a, wordCount: wordCount)
    let patchB = hasTwo ? Kernel.prepare(b, wordCount: wordCount) : 0
    var filtersLeft = filterCount
    while filtersLeft > 0 {
      let sums =
        hasTwo
        ? Kernel.sums(a, b, pair: pair + 2, wordCount: wordCount)
        : Kernel.sums(a, pair: pair + 2, wordCount: wordCount)
      let (f, g) = (pair[0], pair[1])
      pair = (pair + (wordCount &<< 1) + 2).opaque
      scaler.store(
        TileValues(
          af: Int32(bitPattern: Kernel.total(sums.af, filterSum: f, patch: patchA)),
          ag: Int32(bitPattern: Kernel.total(sums.ag, filterSum: g, patch: patchA)),
          bf: Int32(bitPattern: Kernel.total(sums.bf, filterSum: f, patch: patchB)),
          bg: Int32(bitPattern: Kernel.total(sums.bg, filterSum: g, patch: patchB))),
        hasTwoChannels: filtersLeft > 1)
      if filtersLeft == 1 { break }
      filtersLeft &-= 2
    }
  }
}
