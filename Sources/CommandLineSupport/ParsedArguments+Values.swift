/// Option values as numbers, lists and shapes.
///
/// Every function returns nil (or an empty list) where the option was not given, and throws
/// `ExitCode.usage` with what was found and what was expected where the text does not fit.
extension ParsedArguments {
  /// A decimal integer.
  package func integer(
    _ option: String, in range: ClosedRange<Int>
  ) throws(CommandLineFailure) -> Int? {
    guard let text = string(option) else { return nil }
    guard let value = parseInteger(text), range.contains(value) else {
      throw mismatch(option, text, "an integer \(range.inWords)")
    }
    return value
  }

  /// A finite decimal number.
  package func number(
    _ option: String, in range: ClosedRange<Double>
  ) throws(CommandLineFailure) -> Double? {
    guard let text = string(option) else { return nil }
    guard let value = parseNumber(text), range.contains(value) else {
      throw mismatch(option, text, "a number \(range.inWords)")
    }
    return value
  }

  /// A list of finite decimal numbers, `A,B,C`.
  package func numbers(_ option: String) throws(CommandLineFailure) -> [Double]? {
    guard let text = string(option) else { return nil }
    let numbers = fields(of: text, separator: ",").map(parseNumber)
    guard !numbers.contains(nil) else {
      throw mismatch(option, text, "numbers separated by commas, such as 0.5,0.25,1")
    }
    return numbers.compactMap(\.self)
  }

  /// A shape such as `3x32x32`, whose extents from 1 to 65,535 have a product that is an `Int`.
  package func shape(_ option: String) throws(CommandLineFailure) -> [Int]? {
    guard let text = string(option) else { return nil }
    let extents = fields(of: text, separator: "x").map { parseInteger($0) ?? 0 }
    guard extents.count == 3, extents.allSatisfy((1...65_535).contains) else {
      throw mismatch(option, text, "3 extents from 1 to 65535, such as 3x32x32")
    }
    return extents
  }

  /// One `NAME=VALUE` per occurrence of a repeatable option; the value may hold anything.
  package func assignments(_ option: String) throws(CommandLineFailure) -> [Assignment<String>] {
    var assignments: [Assignment<String>] = []
    for text in strings(option) {
      let parts = fields(of: text, separator: "=", maximumCount: 2)
      guard parts.count == 2, !parts.contains("") else {
        throw mismatch(option, text, "NAME=VALUE")
      }
      assignments.append(Assignment(name: parts[0], value: parts[1]))
    }
    return try unique(assignments, option)
  }

  /// Lists `NAME=N,NAME=N` of integers; those of all occurrences follow one another.
  package func integerAssignments(
    _ option: String, in range: ClosedRange<Int>
  ) throws(CommandLineFailure) -> [Assignment<Int>] {
    var assignments: [Assignment<Int>] = []
    for text in strings(option).flatMap({ fields(of: $0, separator: ",") }) {
      let parts = fields(of: text, separator: "=")
      guard parts.count == 2, !parts[0].isEmpty, let value = parseInteger(parts[1]),
        range.contains(value)
      else {
        throw mismatch(option, text, "NAME=N with N an integer \(range.inWords)")
      }
      assignments.append(Assignment(name: parts[0], value: value))
    }
    return try unique(assignments, option)
  }

  private func unique<Value>(
    _ assignments: [Assignment<Value>], _ option: String
  ) throws(CommandLineFailure) -> [Assignment<Value>] {
    var names: Set<String> = []
    for assignment in assignments where !names.insert(assignment.name).inserted {
      throw CommandLineFailure(.usage, "--\(option): '\(assignment.name)' is given twice")
    }
    return assignments
  }

  private func mismatch(
    _ option: String, _ found: String, _ expected: String
  ) -> CommandLineFailure {
    CommandLineFailure(.usage, "--\(option): '\(found)', expected \(expected)")
  }
}

/// A name and what an option gives it.
package struct Assignment<Value: Sendable & Equatable>: Sendable, Equatable {
  package let name: String
  package let value: Value

  package init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

private func fields(
  of text: String, separator: Character, maximumCount: Int = .max
) -> [String] {
  text.split(separator: separator, maxSplits: maximumCount - 1, omittingEmptySubsequences: false)
    .map(String.init)
}

/// `Int.init` alone would take a leading plus sign.
private func parseInteger(_ text: String) -> Int? {
  text.hasPrefix("+") ? nil : Int(text)
}

/// `Double.init` alone would take `nan`, `infinity` and hexadecimal.
private func parseNumber(_ text: String) -> Double? {
  guard text.utf8.allSatisfy({ Array("0123456789+-.eE".utf8).contains($0) }),
    let value = Double(text), value.isFinite
  else { return nil }
  return value
}

extension ClosedRange<Int> {
  fileprivate var inWords: String {
    upperBound == .max ? "of at least \(lowerBound)" : "from \(lowerBound) to \(upperBound)"
  }
}

extension ClosedRange<Double> {
  fileprivate var inWords: String { "from \(Self.text(lowerBound)) to \(Self.text(upperBound))" }

  private static func text(_ bound: Double) -> String {
    Int(exactly: bound).map(String.init) ?? String(bound)
  }
}
