import ADBFormat
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
  /// Sums over the digits of convolutions.
  associatedtype Digits: DigitKernel
}

/// The classes of kernels there are, each with its number in CAdderCore.h.
///
/// This is where a class is registered: tests, golden vectors, mutants, benchmarks and the programs'
/// `--kernel` go through all cases, and nothing runs a class that is not one.
package enum KernelClassName: Sendable {
  case reference
  case dsp
  case swar
  case thumb

  /// The class that this build runs: on a microcontroller a constant, so that only its kernels are in
  /// a firmware.
  @inline(__always)
  package static var automatic: KernelClassName {
    switch adder_kernels() {
    case 1: .dsp
    case 2: .swar
    case 3: .thumb
    default: .reference
    }
  }

  /// Calls a visitor with the class.
  @inline(__always)
  package func accept<Visitor: KernelClassVisitor & ~Copyable>(
    _ visitor: borrowing Visitor
  ) -> Visitor.Result {
    switch self {
    case .reference: visitor.visit(ReferenceKernels.self)
    case .dsp: visitor.visit(DSPKernels.self)
    case .swar: visitor.visit(SWARKernels.self)
    case .thumb: visitor.visit(ThumbKernels.self)
    }
  }
}

extension Interpreter {
  /// Computes the outputs with the kernels of a class of cores.
  @inline(__always)
  package func run(
    with kernels: KernelClassName, observing observe: (UInt32, Opcode) -> Void = { _, _ in }
  ) {
    switch kernels {
    case .reference: run(with: ReferenceKernels.self, observing: observe)
    case .dsp: run(with: DSPKernels.self, observing: observe)
    case .swar: run(with: SWARKernels.self, observing: observe)
    case .thumb: run(with: ThumbKernels.self, observing: observe)
    }
  }
}

#if !hasFeature(Embedded)
  extension KernelClassName: CaseIterable {}

  extension Interpreter {
    /// Runs one operation of the program, once the tensors that it reads are complete.
    package func run(_ operation: Stored<OperationHeader>, with kernels: KernelClassName) {
      switch kernels {
      case .reference: run(operation, ReferenceKernels.self)
      case .dsp: run(operation, DSPKernels.self)
      case .swar: run(operation, SWARKernels.self)
      case .thumb: run(operation, ThumbKernels.self)
      }
    }
  }
#endif

/// What is to be done with a class of kernels that is known by its name.
package protocol KernelClassVisitor: ~Copyable {
  associatedtype Result
  func visit<Kernels: KernelClass>(_ kernels: Kernels.Type) -> Result
}

/// Scalar loops, for every core.
package enum ReferenceKernels: KernelClass {
  package static var hasSevenBits: Bool { false }
  package typealias Bytes = ReferenceBytes
  package typealias SevenBits = ReferenceBytes
  package typealias Halves = ReferenceHalves
  package typealias Digits = ReferenceDigits
}

/// Armv7E-M: four differences in one instruction.
package enum DSPKernels: KernelClass {
  package static var hasSevenBits: Bool { false }
  package typealias Bytes = DSPBytes
  package typealias SevenBits = DSPBytes
  package typealias Halves = DSPHalves
  package typealias Digits = ReferenceDigits
}

/// Cores of 32 bits without SIMD instructions: several differences in one word.
package enum SWARKernels: KernelClass {
  package static var hasSevenBits: Bool { true }
  package typealias Bytes = SWARBytes
  package typealias SevenBits = SWARSevenBits
  package typealias Halves = SWARHalves
  package typealias Digits = ReferenceDigits
}

/// Armv6-M: the same in the order that its eight registers allow.
package enum ThumbKernels: KernelClass {
  package static var hasSevenBits: Bool { true }
  package typealias Bytes = ThumbBytes
  package typealias SevenBits = ThumbSevenBits
  package typealias Halves = SWARHalves
  package typealias Digits = ReferenceDigits
}
