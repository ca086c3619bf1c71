import ADBFormat

extension Interpreter {
  /// A convolution with constant weights, from signed binary digits: each plane doubles the sum,
  /// adds some taps and subtracts others.
  ///
  /// Each digit is read once for two output positions.
  ///
  /// - Complexity: O(output positions · digits)
  @inline(never)
  func conv2d<Kernels: KernelClass>(_ operation: Stored<Conv2D>, _ kernels: Kernels.Type) {
    var filter = DigitFilter<Kernels.Digits>(operation, self)
    var gatherer = PatchGatherer(operation.layer, self)
    var walk = TileWalk(operation.layer, self)
    while walk.next(&gatherer) {
      if walk.isFirstGroup { filter.start(first: walk.outputIndex, second: walk.secondOutputIndex) }
      filter.filter(walk.a, walk.second)
    }
  }
}

/// Adds and subtracts the elements of patches as the digits of a convolution say.
private struct DigitFilter<Kernel: DigitKernel>: ~Copyable {
  private let firstDigit: UnsafePointer<UInt16>
  private let channelCount: UInt32
  private let isByte: Bool
  private let scaler: TileScaler
  private let pairScaler: PairScaler?
  private var place: TilePlace
  /// The next digit of the output channels, one after the other.
  private var digit: UnsafePointer<UInt16>

  init(_ operation: Stored<Conv2D>, _ interpreter: borrowing Interpreter) {
    scaler = TileScaler(
      operation.layer.requantizer, output: interpreter.tensor(operation.layer.output), interpreter)
    pairScaler = PairScaler(operation.layer, interpreter)
    place = scaler.place(first: 0, second: nil)
    firstDigit = interpreter.constants
      .address(of: operation.digitsOffset, byteCount: operation.digitsByteCount)
      .assumingMemoryBound(to: UInt16.self)
    digit = firstDigit
    let patch = operation.layer.patch
    channelCount = patch.outputChannels
    isByte = patch.elementType == .uint8
  }

  /// Goes to the first channel for a tile.
  mutating func start(first: Int, second: Int?) {
    place = scaler.place(first: first, second: second)
    digit = firstDigit
  }

  /// Computes a group's channels from the patches of a tile.
  mutating func filter(_ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer) {
    if isByte {
      filter(a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self))
    } else {
      filter(a.assumingMemoryBound(to: Int16.self), b.assumingMemoryBound(to: Int16.self))
    }
  }

  private mutating func filter<Element: FixedWidthInteger>(
    _ a: UnsafeMutablePointer<Element>, _ b: UnsafeMutablePointer<Element>
  ) {
    var channelsLeft = channelCount
    if let pairScaler {
      var cursor = pairScaler.cursor(at: place)
      while channelsLeft >= 2 {
        let f = Kernel.sums(at: digit, a, b)
        let g = Kernel.sums(at: f.end, a, b)
        digit = g.end
        pairScaler.store(TileValues(af: f.a, ag: g.a, bf: f.b, bg: g.b), at: &cursor)
        channelsLeft &-= 2
      }
      place = pairScaler.place(of: cursor)
    }
    while channelsLeft > 0 {
      if scaler.isWide {
        let sums = Kernel.wideSums(at: digit, a, b)
        digit = sums.end
        scaler.store(sums.a, sums.b, at: &place)
      } else {
        let sums = Kernel.sums(at: digit, a, b)
        digit = sums.end
        scaler.store(sums.a, sums.b, at: &place)
      }
      channelsLeft &-= 1
    }
  }
}
