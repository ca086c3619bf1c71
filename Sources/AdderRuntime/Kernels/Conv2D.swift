import ADBFormat

extension Interpreter {
  /// A convolution with constant weights, from signed binary digits: each plane doubles the sum,
  /// adds some taps and subtracts others.
  ///
  /// Each digit is read once for two output positions.
  ///
  /// - Complexity: O(output positions · digits)
  @inline(never)
  func conv2d(_ operation: StoredOperation) {
    var filter = DigitFilter(operation, self)
    var gatherer = PatchGatherer(operation, self)
    var walk = TileWalk(operation, self)
    while walk.next(&gatherer) {
      if walk.isFirstGroup { filter.start(first: walk.outputIndex, second: walk.secondOutputIndex) }
      filter.filter(walk.a, walk.second)
    }
  }
}

/// Adds and subtracts the elements of patches as the digits of a convolution say.
private struct DigitFilter: ~Copyable {
  private let firstDigit: UnsafePointer<UInt16>
  private let channelCount: UInt32
  private let isByte: Bool
  private let scaler: TileScaler
  private let pairScaler: PairScaler?
  private var place: TilePlace
  /// The next digit of the output channels, one after the other.
  private var digit: UnsafePointer<UInt16>

  init(_ operation: StoredOperation, _ interpreter: borrowing Interpreter) {
    let requantizer = operation.requantizer(Conv2D.Offset.requantizer)
    let output = interpreter.tensor(operation, Conv2D.Offset.output)
    scaler = TileScaler(requantizer, output: output, interpreter)
    pairScaler = PairScaler(requantizer, output: output, interpreter)
    place = scaler.place(first: 0, second: nil)
    firstDigit = interpreter.constants.address(
      of: operation.uint32(Conv2D.Offset.digitsOffset),
      byteCount: operation.uint32(Conv2D.Offset.digitsByteCount)
    ).assumingMemoryBound(to: UInt16.self)
    digit = firstDigit
    let patch = operation.patch(Conv2D.Offset.patch)
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
        let (f, g) = (nextSums(a, b), nextSums(a, b))
        pairScaler.store(TileValues(af: f.a, ag: g.a, bf: f.b, bg: g.b), at: &cursor)
        channelsLeft &-= 2
      }
      place = pairScaler.place(of: cursor)
    }
    while channelsLeft > 0 {
      if scaler.isWide {
        let sums = nextWideSums(a, b)
        scaler.store(sums.a, sums.b, at: &place)
      } else {
        let sums = nextSums(a, b)
        scaler.store(sums.a, sums.b, at: &place)
      }
      channelsLeft &-= 1
    }
  }

  /// The sums of the next channel, modulo 2³².
  @inline(never)
  @_optimize(speed)
  private mutating func nextSums<Element: FixedWidthInteger>(
    _ a: UnsafeMutablePointer<Element>, _ b: UnsafeMutablePointer<Element>
  ) -> (a: Int32, b: Int32) {
    var sums: (a: Int32, b: Int32) = (0, 0)
    var next = digit + 1
    var planesLeft = digit.pointee
    while planesLeft > 0 {
      sums = (sums.a &<< 1, sums.b &<< 1)
      Self.addPlane(at: &next, a, b, to: &sums)
      planesLeft &-= 1
    }
    digit = next
    return sums
  }

  /// The sums of the next channel, modulo 2⁶⁴.
  @inline(never)
  private mutating func nextWideSums<Element: FixedWidthInteger>(
    _ a: UnsafeMutablePointer<Element>, _ b: UnsafeMutablePointer<Element>
  ) -> (a: Int64, b: Int64) {
    var sumA: Int64 = 0
    var sumB: Int64 = 0
    var next = digit + 1
    var planesLeft = digit.pointee
    while planesLeft > 0 {
      // Exact in 32 bits: a plane has fewer than 2¹⁶ taps, of at most 2¹⁵, on either side.
      var plane: (a: Int32, b: Int32) = (0, 0)
      Self.addPlane(at: &next, a, b, to: &plane)
      sumA = (sumA &+ sumA) &+ FixedPoint.widened(plane.a)
      sumB = (sumB &+ sumB) &+ FixedPoint.widened(plane.b)
      planesLeft &-= 1
    }
    digit = next
    return (sumA, sumB)
  }

  /// Adds the taps of a plane that it adds, subtracts those that it subtracts, and moves behind it.
  @inline(__always)
  private static func addPlane<Element: FixedWidthInteger>(
    at digit: inout UnsafePointer<UInt16>, _ a: UnsafeMutablePointer<Element>,
    _ b: UnsafeMutablePointer<Element>, to sums: inout (a: Int32, b: Int32)
  ) {
    var next = digit + 2
    let addedEnd = next + Int(digit[0])
    let end = addedEnd + Int(digit[1])
    if digit[0] & 1 != 0 {
      sums.a &+= Int32(truncatingIfNeeded: a[Int(next[0])])
      sums.b &+= Int32(truncatingIfNeeded: b[Int(next[0])])
      next += 1
    }
    while next != addedEnd {
      let (first, second) = (Int(next[0]), Int(next[1]))
      sums.a &+= Int32(truncatingIfNeeded: a[first])
      sums.b &+= Int32(truncatingIfNeeded: b[first])
      sums.a &+= Int32(truncatingIfNeeded: a[second])
      sums.b &+= Int32(truncatingIfNeeded: b[second])
      next = (next + 2).opaque
    }
    if digit[1] & 1 != 0 {
      sums.a &-= Int32(truncatingIfNeeded: a[Int(next[0])])
      sums.b &-= Int32(truncatingIfNeeded: b[Int(next[0])])
      next += 1
    }
    while next != end {
      let (first, second) = (Int(next[0]), Int(next[1]))
      sums.a &-= Int32(truncatingIfNeeded: a[first])
      sums.b &-= Int32(truncatingIfNeeded: b[first])
      sums.a &-= Int32(truncatingIfNeeded: a[second])
      sums.b &-= Int32(truncatingIfNeeded: b[second])
      next = (next + 2).opaque
    }
    digit = end
  }
}
