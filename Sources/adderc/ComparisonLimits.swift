import AdderText
import CommandLineSupport

/// What `adderc verify` must find for the exit code to be 0.
struct ComparisonLimits {
  private let leastAgreementPercent: Double?
  private let mostTop1DropPoints: Double?

  /// - Throws: `usage`.
  init(_ arguments: ParsedArguments) throws(CommandLineFailure) {
    leastAgreementPercent = try arguments.number("min-agreement", in: 0...100)
    mostTop1DropPoints = try arguments.number("max-top1-drop", in: -100...100)
    if mostTop1DropPoints != nil, !arguments.isSet("labels") {
      throw CommandLineFailure(.usage, "--max-top1-drop needs --labels")
    }
  }

  /// A sentence for each limit that does not hold.
  func failures(of comparison: Comparison) -> [String] {
    var failures: [String] = []
    if let least = leastAgreementPercent, comparison.agreementPercent < least {
      failures.append(
        "agreement is \(significant(comparison.agreementPercent, 6)) %, expected at least "
          + "\(significant(least, 6)) %")
    }
    if let most = mostTop1DropPoints, let drop = comparison.top1DropPoints, drop > most {
      failures.append(
        "top-1 drops by \(significant(drop, 6)) points, expected at most \(significant(most, 6))")
    }
    return failures
  }
}
