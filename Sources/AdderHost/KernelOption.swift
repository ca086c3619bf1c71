import ADBFormat
import AdderModel
import AdderRuntime
import CommandLineSupport

/// `--kernel`: the class of kernels to run, or to say something of.
package enum KernelOption {
  package static func specification(help: String) -> OptionSpecification {
    OptionSpecification(
      "kernel",
      .oneOf(["auto"] + KernelClassName.allCases.map { "\($0)" }, name: "KERNEL"), help: help)
  }

  /// The class that the arguments name, or the one for this machine.
  package static func kernels(_ arguments: ParsedArguments) -> KernelClassName {
    let name = arguments.string("kernel")
    return KernelClassName.allCases.first { "\($0)" == name } ?? .automatic
  }
}

extension Model {
  /// How each operation runs on a class of kernels; nil for those that every class runs alike.
  package func plans(_ kernels: KernelClassName) -> [LayerPlan?] {
    var plans: [LayerPlan?] = []
    var operations = view.operations
    while let header = operations.next() {
      plans.append(
        LayerPlan(
          StoredOperation(header.opcode, at: header.start), of: view, kernels: kernels))
    }
    return plans
  }
}
