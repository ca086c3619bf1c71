import CAdderSIMD
import Dispatch

/// The vector kernels of one instruction set.
package struct InstructionSet: Equatable, Sendable {
  private let index: UInt32

  /// Those that this processor has, best first; portable C is the last.
  package static let available = (0..<adder_simd_count())
    .filter { adder_simd_is_available($0) != 0 }.map(InstructionSet.init(index:))

  /// All that this build has, whether or not the processor has them.
  package static let all = (0..<adder_simd_count()).map(InstructionSet.init(index:))

  /// The best that this processor has.
  package static var best: InstructionSet { available[0] }

  package var name: String { String(cString: kernels.pointee.name) }

  package var isAvailable: Bool { adder_simd_is_available(index) != 0 }

  var kernels: UnsafePointer<adder_simd> { adder_simd_at(index) }
}

extension InstructionSet {
  /// The absolute differences that this processor takes and adds in a second with these instructions,
  /// in registers alone: the most of ten measurements of about a millisecond.
  package func measureCeiling() -> Double {
    var most = 0.0
    for _ in 0..<10 {
      let repetitions: UInt32 = 1 << 16
      let start = DispatchTime.now().uptimeNanoseconds
      let each = kernels.pointee.ceiling(repetitions)
      let nanoseconds = max(1, DispatchTime.now().uptimeNanoseconds - start)
      most = max(most, Double(each) * Double(repetitions) / Double(nanoseconds) * 1e9)
    }
    return most
  }
}
