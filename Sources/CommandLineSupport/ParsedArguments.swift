/// The arguments of one command, sorted by name; made by `CommandSpecification.parse`.
///
/// Asking for a name that the specification does not declare is a defect of the caller.
package struct ParsedArguments: Sendable {
  let specification: CommandSpecification
  let optionValues: [String: [String]]
  let positionalValues: [String: String]

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
    guard let value = string(option) else {
      preconditionFailure("option '\(option)' of \(specification.name) is not required")
    }
    return value
  }

  /// The value of a required positional argument.
  package func positional(_ name: String) -> String {
    guard let value = optionalPositional(name) else {
      preconditionFailure("argument \(name) of \(specification.name) is not required")
    }
    return value
  }

  /// The value of a positional argument, or nil where it was not given.
  package func optionalPositional(_ name: String) -> String? {
    precondition(
      specification.positionals.contains { $0.name == name },
      "\(specification.name) declares no argument \(name)")
    return positionalValues[name]
  }
}
