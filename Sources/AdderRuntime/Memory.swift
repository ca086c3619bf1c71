import CAdderCore

/// Copies in words where it can, because the C library of a small core may copy byte by byte.
enum Memory {
  /// Copies bytes between areas that do not overlap.
  @inline(__always)
  static func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    if (Int(bitPattern: source) | Int(bitPattern: target)) & 3 == 0 && byteCount & 15 == 0 {
      copyBlocks(source, to: target, byteCount: byteCount)
    } else {
      copyAny(source, to: target, byteCount: byteCount)
    }
  }

  /// Copies blocks of 16 bytes between areas that do not overlap.
  ///
  /// - Precondition: Addresses are multiples of 4, and the count is one of 16.
  @inline(__always)
  static func copyBlocks(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    if byteCount == 0 { return }
    adder_copy_blocks(
      source.assumingMemoryBound(to: UInt32.self), target.assumingMemoryBound(to: UInt32.self),
      (target + byteCount).assumingMemoryBound(to: UInt32.self))
  }

  /// Copies some bytes between areas that do not overlap.
  @inline(__always)
  static func copyBytes(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    adder_copy_bytes(
      source.assumingMemoryBound(to: UInt8.self), target.assumingMemoryBound(to: UInt8.self),
      UInt(bitPattern: byteCount))
  }

  /// The barriers keep the optimizer from unrolling the loops and from calling `memcpy` instead.
  @inline(never)
  private static func copyAny(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    var source = source
    var target = target
    let end = target + byteCount
    if (Int(bitPattern: source) | Int(bitPattern: target)) & 3 == 0 {
      let blocksByteCount = byteCount & ~15
      copyBlocks(source, to: target, byteCount: blocksByteCount)
      source += blocksByteCount
      target += blocksByteCount
      let wordsEnd = target + (byteCount & 12)
      while target != wordsEnd {
        target.storeBytes(of: source.load(as: UInt32.self), as: UInt32.self)
        source += 4
        target = (target + 4).opaque
      }
    }
    while target != end {
      target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
      source += 1
      target = (target + 1).opaque
    }
  }

  /// Fills words with zeros.
  ///
  /// - Precondition: `byteCount` is a multiple of 4.
  static func clear(_ target: UnsafeMutableRawPointer, byteCount: UInt32) {
    var target = target
    let end = target + Int(truncatingIfNeeded: byteCount)
    while target != end {
      target.storeBytes(of: 0, as: UInt32.self)
      target = (target + 4).opaque
    }
  }

  /// Whether no byte exceeds 127.
  ///
  /// - Precondition: The address is a multiple of 4.
  @inline(never)
  static func areSevenBit(_ bytes: UnsafeRawPointer, byteCount: UInt32) -> Bool {
    var bytes = bytes
    let end = bytes + Int(truncatingIfNeeded: byteCount)
    let wordsEnd = bytes + Int(truncatingIfNeeded: byteCount & ~3)
    var bits: UInt32 = 0
    while bytes != wordsEnd {
      bits |= bytes.load(as: UInt32.self)
      bytes += 4
    }
    while bytes != end {
      bits |= UInt32(bytes.load(as: UInt8.self))
      bytes += 1
    }
    return bits & 0x8080_8080 == 0
  }
}

extension UnsafeMutableRawPointer {
  /// The same address, of which the optimizer knows nothing: it cannot replace the pointer behind a
  /// loop by a product of step and count.
  @inline(__always)
  var opaque: UnsafeMutableRawPointer { adder_opaque_address(self) }
}

extension UnsafeMutablePointer {
  /// The same address, of which the optimizer knows nothing.
  @inline(__always)
  var opaque: UnsafeMutablePointer<Pointee> {
    adder_opaque_address(self).assumingMemoryBound(to: Pointee.self)
  }
}

extension UnsafePointer {
  /// The same address, of which the optimizer knows nothing.
  @inline(__always)
  var opaque: UnsafePointer<Pointee> {
    UnsafePointer(adder_opaque_address(self).assumingMemoryBound(to: Pointee.self))
  }
}

extension Int {
  /// The product with a small count, by additions.
  func repeated(_ count: UInt16) -> Int {
    var sum = 0
    var left = count
    while left > 0 {
      sum = adder_opaque_number(sum &+ self)
      left &-= 1
    }
    return sum
  }
}
