import AdderRuntime
import AdderVector
import CommandLineSupport

/// What runs a model on this machine: all give the same integers.
package enum HostKernels: Equatable, Sendable {
  /// Vectors, and the interpreter for operations without a vector kernel.
  case vector(InstructionSet)
  /// The kernels of a class of cores, as firmware runs them.
  case interpreter(KernelClassName)

  /// The best of this processor.
  package static var automatic: HostKernels { .vector(.best) }

  package var name: String {
    switch self {
    case .vector(let set): set.name
    case .interpreter(let kernels): "\(kernels)"
    }
  }
}

extension HostKernels {
  private static let all =
    KernelClassName.allCases.map { HostKernels.interpreter($0) }
    + InstructionSet.all.map { HostKernels.vector($0) }

  /// `--kernel` of programs that run models.
  package static func specification(help: String) -> OptionSpecification {
    OptionSpecification(
      "kernel", .oneOf(["auto"] + all.map(\.name), name: "KERNEL"), help: help)
  }

  /// The kernels that the arguments name, or the best of this processor.
  ///
  /// - Throws: `usage` for an instruction set that this processor has not.
  package init(_ arguments: ParsedArguments) throws(CommandLineFailure) {
    let name = arguments.string("kernel")
    self = Self.all.first { $0.name == name } ?? .automatic
    if case .vector(let set) = self, !set.isAvailable {
      throw CommandLineFailure(
        .usage,
        "--kernel: this processor has no '\(set.name)', expected "
          + InstructionSet.available.map(\.name).joined(separator: ", "))
    }
  }
}
