/// Writes help from the tables that the arguments are parsed with.
package enum HelpText {
  /// No line is longer, except where one word is.
  package static let columnCount = 80

  /// The help of one command; `invocation` is what the user types before the arguments, such as
  /// `adderc compile`.
  package static func text(for command: CommandSpecification, invokedAs invocation: String)
    -> String
  {
    var sections = [usage(of: command, invokedAs: invocation), wrap(command.summary.sentence)]
    if !command.positionals.isEmpty {
      let entries = command.positionals.map { ($0.name, $0.help) }
      sections.append("arguments:\n" + list(entries))
    }
    sections.append("options:\n" + list(command.options.map(entry) + impliedOptions))
    sections += command.discussion.map { wrap($0) }
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// The help of a program that has commands.
  package static func text(
    forProgram name: String, summary: String, commands: [CommandSpecification]
  ) -> String {
    let sections = [
      "usage: \(name) COMMAND [arguments]", wrap(summary.sentence),
      "commands:\n" + list(commands.map { ($0.name, $0.summary) }),
      "options:\n" + list(impliedOptions),
      wrap("'\(name) COMMAND --help' explains a command."),
    ]
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// Breaks text into lines at spaces; every line but the first is indented.
  package static func wrap(
    _ text: String, columnCount: Int = columnCount, indentation: Int = 0
  ) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let isFull = indentation + line.count + 1 + word.count > columnCount
      if !line.isEmpty, isFull {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return (lines + [line]).joined(separator: "\n" + String(repeating: " ", count: indentation))
  }

  private typealias Entry = (term: String, help: String)

  private static let impliedOptions: [Entry] = [
    ("-h, --help", "print this help"),
    ("    --version", "print the version"),
  ]

  private static func usage(of command: CommandSpecification, invokedAs invocation: String)
    -> String
  {
    let positionals = command.positionals.map { $0.isOptional ? "[\($0.name)]" : $0.name }
    let required = command.options.filter(\.isRequired).map(\.synopsis)
    let words = positionals + required + ["[options]"]
    let start = "usage: \(invocation) "
    return start + wrap(words.joined(separator: " "), indentation: start.count)
  }

  private static func entry(for option: OptionSpecification) -> Entry {
    let short = option.shortName.map { "-\($0), " } ?? "    "
    let value = option.valueName.map { " " + $0 } ?? ""
    var help = option.help
    if case .oneOf(let allowed, _) = option.argument { help += ": \(allowed.inWords)" }
    if option.isRepeatable { help += "; may be repeated" }
    return ("\(short)--\(option.name)\(value)", help)
  }

  /// Terms in one column and what they mean in another; a long term has a line of its own.
  private static func list(_ entries: [Entry]) -> String {
    let widestColumn = 28
    let widths = entries.map(\.term.count)
    let column = widths.filter { $0 <= widestColumn }.max() ?? widestColumn
    let indentation = 2 + column + 2
    return entries.map { term, help in
      let help = wrap(help, indentation: indentation)
      let isLong = term.count > column
      let gap =
        isLong
        ? "\n" + String(repeating: " ", count: indentation)
        : String(repeating: " ", count: indentation - 2 - term.count)
      return "  \(term)\(gap)\(help)"
    }.joined(separator: "\n")
  }
}

extension OptionSpecification {
  /// The shortest way to write the option, such as `-o FILE`.
  var synopsis: String {
    (shortName.map { "-\($0)" } ?? "--\(name)") + (valueName.map { " " + $0 } ?? "")
  }
}

extension String {
  /// The text with a capital first letter and a full stop.
  fileprivate var sentence: String {
    prefix(1).uppercased() + dropFirst() + "."
  }
}
