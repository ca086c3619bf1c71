import CAdderCore

/// The kernels of a class of cores. All compute the same integers.
package protocol KernelClass {
  /// Whether `SevenBits` is another kernel than `Bytes`.
  static var hasSevenBits: Bool { get }
  /// Sums over patches of `uint8`.
  associatedtype Bytes: TileKernel
  /// Sums over patches of `uint8` where no element of patch or filter exceeds 127.
  associatedtype SevenBits: TileKernel
  /// Sums over patches of `int16`.
  associatedtype Halves: TileKernel
}

/// Scalar loops, for every core.
package enum ReferenceKernels: KernelClass {
  package static var hasSevenBits: Bool { false }
  package typealias Bytes = ReferenceBytes
  package typealias SevenBits = ReferenceBytes
  package typealias Halves = ReferenceHalves
}

/// Armv7E-M: four differences in one instruction.
package enum DSPKernels: KernelClass {
  package static var hasSevenBits: Bool { false }
  package typealias Bytes = DSPBytes
  package typealias SevenBits = DSPBytes
  package typealias Halves = DSPHalves
}

/// Cores of 32 bits without SIMD instructions: several differences in one word.
package enum SWARKernels: KernelClass {
  package static var hasSevenBits: Bool { true }
  package typealias Bytes = SWARBytes
  package typealias SevenBits = SWARSevenBits
  package typealias Halves = SWARHalves
}

/// Armv6-M: the same in the order that its eight registers allow.
package enum ThumbKernels: KernelClass {
  package static var hasSevenBits: Bool { true }
  package typealias Bytes = ThumbBytes
  package typealias SevenBits = ThumbSevenBits
  package typealias Halves = SWARHalves
}
