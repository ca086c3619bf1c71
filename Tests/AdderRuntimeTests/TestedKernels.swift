import ADBFormat
import AdderRuntime
import Testing

/// The kernels to run a model with.
enum TestedKernels: CaseIterable, CustomTestStringConvertible {
  case reference
  case dsp
  case swar
  case thumb

  var testDescription: String { "\(self) kernels" }
}

extension Interpreter {
  /// Computes the outputs from the inputs that the caller has written.
  func run(with kernels: TestedKernels) {
    switch kernels {
    case .reference: run(with: ReferenceKernels.self) { _, _ in }
    case .dsp: run(with: DSPKernels.self) { _, _ in }
    case .swar: run(with: SWARKernels.self) { _, _ in }
    case .thumb: run(with: ThumbKernels.self) { _, _ in }
    }
  }
}
