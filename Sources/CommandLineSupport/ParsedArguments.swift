/// The arguments of one command, sorted by name; made by `CommandSpecification.parse`.
///
/// Asking for a name that the specification does not declare is a defect of the caller.
package struct ParsedArguments: Sendable {
  private let specification: CommandSpecification
  private let optionValues: [String: [String]]
  private let positionalValues: [String: [String]]

  init(
    specification: CommandSpecification, optionValues: [String: [String]],
    positionalValues: [String: [String]]
  ) {
    self.specification = specification
    self.optionValues = optionValues
    self.positionalValues = positionalValues
  }

  /// Whether an option was given.
  package func isSet(_ option: String) -> Bool {
    !strings(option).isEmpty
  }

  /// The value of an option, or nil where it was not given.
  package func string(_ option: String) -> String? {
    strings(option).first
  }

  /// All values of a repeatable option, in order.
  package func strings(_ option: String) -> [String] {
    precondition(
      specification.options.contains { $0.name == option },
      "\(specification.name) declares no option '\(option)'")
    return optionValues[option] ?? []
  }

  /// The value of a required option.
  package func required(_ option: String) -> String {
    guard let value = strings(option).first else {
      preconditionFailure("option '\(option)' of \(specification.name) is not required")
    }
    return value
  }

  /// The value of a required positional argument.
  package func positional(_ name: String) -> String {
    guard let value = positionals(name).first else {
      preconditionFailure("argument \(name) of \(specification.name) is not required")
    }
    return value
  }

  /// All values of a positional argument; empty where an optional one is missing.
  package func positionals(_ name: String) -> [String] {
    precondition(
      specification.positionals.contains { $0.name == name },
      "\(specification.name) declares no argument \(name)")
    return positionalValues[name] ?? []
  }
}
