/// What one command accepts: the table from which it is parsed and its help is written.
package struct CommandSpecification: Sendable {
  /// The word that selects the command, such as `compile`.
  package let name: String
  /// What the command does, one sentence without a full stop.
  package let summary: String
  package let positionals: [PositionalSpecification]
  /// The options in the order in which help lists them; `--help` and `--version` are implied.
  package let options: [OptionSpecification]
  /// Paragraphs that follow the options in the help.
  package let discussion: [String]

  /// - Precondition: Names are unique, and no required argument follows an optional one.
  package init(
    name: String, summary: String, positionals: [PositionalSpecification] = [],
    options: [OptionSpecification] = [], discussion: [String] = []
  ) {
    let implied = ["help", "version", "h"]
    let names = implied + options.map(\.name) + options.compactMap { $0.shortName.map(String.init) }
    precondition(Set(names).count == names.count, "\(name): an option name is declared twice")
    precondition(
      positionals.drop { !$0.isOptional }.allSatisfy(\.isOptional),
      "\(name): the positional arguments are ambiguous")
    self.name = name
    self.summary = summary
    self.positionals = positionals
    self.options = options
    self.discussion = discussion
  }
}

package struct PositionalSpecification: Sendable {
  /// The name in the synopsis, such as `MODEL`.
  package let name: String
  package let help: String
  package let isOptional: Bool

  package init(_ name: String, isOptional: Bool = false, help: String) {
    self.name = name
    self.help = help
    self.isOptional = isOptional
  }
}

package struct OptionSpecification: Sendable {
  package enum Argument: Sendable {
    /// Nothing: the option is a flag.
    case none
    /// A value, with its name in the help.
    case value(String)
    /// One of a closed list of values, with its name in the help.
    case oneOf([String], name: String)
  }

  /// The long name without its dashes.
  package let name: String
  /// The letter after a single dash.
  package let shortName: Character?
  package let argument: Argument
  /// Whether the option may be given more than once.
  package let isRepeatable: Bool
  /// Whether the command does not run without the option.
  package let isRequired: Bool
  /// Names that mean this option, though another is spelled more like them; only for suggestions.
  package let misnomers: [String]
  package let help: String

  package init(
    _ name: String, short shortName: Character? = nil, _ argument: Argument = .none,
    isRepeatable: Bool = false, isRequired: Bool = false, misnomers: [String] = [], help: String
  ) {
    self.name = name
    self.shortName = shortName
    self.argument = argument
    self.isRepeatable = isRepeatable
    self.isRequired = isRequired
    self.misnomers = misnomers
    self.help = help
  }

  /// `--quiet`, for commands that print notes; `Program` obeys it.
  package static let quiet = OptionSpecification(
    "quiet", short: "q", help: "print no notes and no progress on standard error")

  /// `--json`, for commands that have a machine-readable report.
  package static let json = OptionSpecification(
    "json", help: "print one JSON object on standard output and nothing else there")

  /// The name of the value in the help; nil for a flag.
  package var valueName: String? {
    switch argument {
    case .none: nil
    case .value(let name): name
    case .oneOf(_, let name): name
    }
  }
}
