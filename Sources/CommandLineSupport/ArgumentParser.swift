extension CommandSpecification {
  /// Sorts arguments into options and positionals.
  ///
  /// `--name value`, `--name=value`, `-o value`, `-ovalue` and `-o=value` all give a value. `--` ends
  /// the options, `-` alone is a positional. A separate value may begin with a dash (`--mean -1,0,1`) unless it
  /// reads as an option; `--name=--value` says that it is meant.
  ///
  /// - Throws: `ExitCode.usage` for the first argument that does not fit.
  package func parse(_ arguments: [String]) throws(CommandLineFailure) -> ParsedArguments {
    var values: [String: [String]] = [:]
    var words: [String] = []
    var remaining = arguments[...]
    while let argument = remaining.popFirst() {
      if argument == "--" {
        words += remaining
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      let (option, spelling, attached) = try self.option(in: argument)
      if values[option.name] != nil, !option.isRepeatable {
        throw CommandLineFailure(.usage, "option '\(spelling)' is given twice")
      }
      let value = try value(of: option, as: spelling, attached: attached, from: &remaining)
      values[option.name, default: []].append(value)
    }
    let positionalValues = try assign(words)
    for option in options where option.isRequired && values[option.name] == nil {
      throw CommandLineFailure(.usage, "missing option '\(option.synopsis)'; see --help")
    }
    return ParsedArguments(
      specification: self, optionValues: values, positionalValues: positionalValues)
  }

  /// Finds the option that an argument names, and the value attached to it.
  private func option(
    in argument: String
  ) throws(CommandLineFailure) -> (OptionSpecification, spelling: String, attached: String?) {
    if argument.hasPrefix("--") {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let spelling = String(parts[0])
      if let option = options.first(where: { "--" + $0.name == spelling }) {
        return (option, spelling, parts.count == 2 ? String(parts[1]) : nil)
      }
      if let meant = options.first(where: { $0.misnomers.contains { "--" + $0 == spelling } }) {
        throw .unknown("option", spelling, among: [], meant: "--" + meant.name)
      }
      let known = options.map { "--" + $0.name } + ["--help", "--version"]
      throw .unknown("option", spelling, among: known)
    }
    let letter = argument[argument.index(after: argument.startIndex)]
    let rest = argument.dropFirst(2)
    guard let option = options.first(where: { $0.shortName == letter }),
      rest.isEmpty || option.valueName != nil
    else {
      // One dash too few is the usual mistake: '-json' for '--json'.
      let known = options.map { "--" + $0.name }
      throw .unknown("option", argument, among: known.filter { $0.dropFirst() == argument })
    }
    return (
      option, String(argument.prefix(2)),
      rest.isEmpty ? nil : String(rest.hasPrefix("=") ? rest.dropFirst() : rest)
    )
  }

  private func value(
    of option: OptionSpecification, as spelling: String, attached: String?,
    from remaining: inout ArraySlice<String>
  ) throws(CommandLineFailure) -> String {
    if option.valueName == nil {
      guard attached == nil else {
        throw CommandLineFailure(.usage, "option '\(spelling)' takes no value")
      }
      return ""
    }
    var value = attached ?? ""
    if attached == nil, let next = remaining.first, !isOption(next) {
      value = next
      remaining.removeFirst()
    }
    if value.isEmpty {
      throw CommandLineFailure(.usage, "option '\(spelling)' needs a value: \(option.synopsis)")
    }
    if case .oneOf(let allowed, _) = option.argument, !allowed.contains(value) {
      throw .unknown("value", value, of: " of '\(spelling)'", among: allowed, listing: true)
    }
    return value
  }

  private func isOption(_ argument: String) -> Bool {
    argument.hasPrefix("--") || argument == "-h"
      || options.contains { $0.shortName.map { "-\($0)" } == argument }
  }

  /// Hands the positional arguments to their names.
  private func assign(_ words: [String]) throws(CommandLineFailure) -> [String: String] {
    for positional in positionals.dropFirst(words.count) where !positional.isOptional {
      throw CommandLineFailure(.usage, "missing argument \(positional.name); see --help")
    }
    let names = positionals.map(\.name)
    guard let surplus = words.dropFirst(names.count).first else {
      return Dictionary(uniqueKeysWithValues: zip(names, words))
    }
    let expected = names.isEmpty ? "only options" : names.joined(separator: " ")
    throw CommandLineFailure(.usage, "unexpected argument '\(surplus)'; \(name) takes \(expected)")
  }
}
