import ADBFormat

extension Interpreter {
  /// A convolution with constant weights, from signed binary digits: each plane doubles the sum,
  /// adds some taps and subtracts others.
  ///
  /// Each digit is read once for two output positions.
  ///
  /// - Complexity: O(output positions · digits)
  func conv2d(_ operation: Conv2D) {
    var filter = DigitFilter(operation, self)
    walk(
      operation.patch, operation.window, input: operation.input, output: operation.output, &filter)
  }
}

/// Adds and subtracts the elements of patches as the digits of a convolution say.
private struct DigitFilter: PatchFilter {
  private let firstDigit: UnsafePointer<UInt16>
  private let channelCount: UInt32
  private let isByte: Bool
  private var scaler: TileScaler
  /// The next digit of the output channels, one after the other.
  private var digit: UnsafePointer<UInt16>

  init(_ operation: Conv2D, _ interpreter: borrowing Interpreter) {
    firstDigit = interpreter.constants.address(
      of: operation.digitsOffset, byteCount: operation.digitsByteCount
    ).assumingMemoryBound(to: UInt16.self)
    digit = firstDigit
    channelCount = operation.patch.outputChannels
    isByte = operation.patch.elementType == .uint8
    scaler = TileScaler(
      operation.requantizer, output: interpreter.program.tensor(operation.output), interpreter)
  }

  mutating func start(first: Int, second: Int?) {
    scaler.start(first: first, second: second)
    digit = firstDigit
  }

  mutating func filter(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, hasTwo: Bool
  ) {
    var channelsLeft = channelCount
    while channelsLeft > 0 {
      if scaler.isWide {
        let sums = nextWideSums(UnsafeRawPointer(a), UnsafeRawPointer(b))
        scaler.store(sums.a, sums.b)
      } else {
        let sums = nextSums(UnsafeRawPointer(a), UnsafeRawPointer(b))
        scaler.store(sums.a, sums.b)
      }
      channelsLeft &-= 1
    }
  }

  /// The sums of the next channel, modulo 2³².
  private mutating func nextSums(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer
  ) -> (a: Int32, b: Int32) {
    var sumA: Int32 = 0
    var sumB: Int32 = 0
    var planesLeft = next()
    while planesLeft > 0 {
      let plane = nextPlane(a, b)
      sumA = (sumA &<< 1) &+ plane.a
      sumB = (sumB &<< 1) &+ plane.b
      planesLeft &-= 1
    }
    return (sumA, sumB)
  }

  /// The sums of the next channel, modulo 2⁶⁴.
  private mutating func nextWideSums(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer
  ) -> (a: Int64, b: Int64) {
    var sumA: Int64 = 0
    var sumB: Int64 = 0
    var planesLeft = next()
    while planesLeft > 0 {
      let plane = nextPlane(a, b)
      sumA = (sumA &+ sumA) &+ FixedPoint.widened(plane.a)
      sumB = (sumB &+ sumB) &+ FixedPoint.widened(plane.b)
      planesLeft &-= 1
    }
    return (sumA, sumB)
  }

  /// What the next plane adds to the sums, minus what it subtracts.
  ///
  /// Exact in 32 bits: a plane has fewer than 2¹⁶ taps, of at most 2¹⁵, on either side.
  @inline(never)
  private mutating func nextPlane(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer
  ) -> (a: Int32, b: Int32) {
    let addedCount = next()
    let subtractedCount = next()
    let added: (a: Int32, b: Int32)
    let subtracted: (a: Int32, b: Int32)
    if isByte {
      let (a, b) = (a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self))
      added = nextTaps(addedCount, a, b)
      subtracted = nextTaps(subtractedCount, a, b)
    } else {
      let (a, b) = (a.assumingMemoryBound(to: Int16.self), b.assumingMemoryBound(to: Int16.self))
      added = nextTaps(addedCount, a, b)
      subtracted = nextTaps(subtractedCount, a, b)
    }
    return (added.a &- subtracted.a, added.b &- subtracted.b)
  }

  @inline(__always)
  private mutating func nextTaps<Element: FixedWidthInteger>(
    _ count: UInt16, _ a: UnsafePointer<Element>, _ b: UnsafePointer<Element>
  ) -> (a: Int32, b: Int32) {
    var sumA: Int32 = 0
    var sumB: Int32 = 0
    var next = digit
    let end = next + Int(count)
    while next != end {
      let tap = Int(next.pointee)
      sumA &+= Int32(truncatingIfNeeded: a[tap])
      sumB &+= Int32(truncatingIfNeeded: b[tap])
      next = (next + 1).opaque
    }
    digit = end
    return (sumA, sumB)
  }

  private mutating func next() -> UInt16 {
    let value = digit.pointee
    digit += 1
    return value
  }
}
