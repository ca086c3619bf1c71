extension String {
  /// Whether all of the text can be printed on one line of a terminal.
  ///
  /// Control characters, line and paragraph separators, invisible format characters (which can
  /// reorder text) and unassigned ones cannot.
  package var isPrintable: Bool { unicodeScalars.allSatisfy(\.isPrintable) }

  /// The text on one line, safe to print on a terminal and cut after ``lineScalarLimit`` characters.
  ///
  /// Names come from files that may be hostile: what cannot be printed appears as `\u{…}`.
  package var printable: String {
    utf8.count <= lineScalarLimit && isPrintable ? self : printable(scalarLimit: lineScalarLimit)
  }

  /// A name of a file, printable and cut after ``nameScalarLimit`` characters.
  package var printableName: String { printable(scalarLimit: nameScalarLimit) }

  /// The printable text of at most so many characters, then `…` if there are more.
  package func printable(scalarLimit: Int) -> String {
    var line = ""
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == scalarLimit { return line + "…" }
      if scalar.isPrintable {
        line.unicodeScalars.append(scalar)
      } else {
        line += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return line
  }
}

/// How many characters of a line are printed.
package let lineScalarLimit = 8192

/// How many characters of a name are printed; `…` stands for the rest. JSON holds names in full.
package let nameScalarLimit = 120

/// A name of a file in single quotes, printable and cut after ``nameScalarLimit`` characters, so
/// that a message stays one line whatever the file holds.
package func quoted(_ name: String) -> String {
  "'\(name.printableName)'"
}

/// Up to eight names in quotes, then how many more there are.
package func quotedList(_ names: [String]) -> String {
  let shown = names.prefix(8).map(quoted).joined(separator: ", ")
  return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: false
    default: true
    }
  }
}
