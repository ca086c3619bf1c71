/// The integers of a network that was compiled before, for one that was trained on them.
public struct GivenScales: Sendable {
  /// The model's name for messages.
  public var source: String
  /// By value, with the integers that occur.
  public var values: [String: ValueQuantization]
  /// By layer, of those that convert what they read.
  public var conversions: [String: PatchQuantization.Conversion]

  package init(
    source: String, values: [String: ValueQuantization],
    conversions: [String: PatchQuantization.Conversion]
  ) {
    self.source = source
    self.values = values
    self.conversions = conversions
  }

  /// Gives each value of a plan the scale and zero point that it had.
  ///
  /// - Parameter bytes: The network's inputs, whose integers are those of images.
  /// - Throws: `usage` with all values that the model lacks or that have other integers there.
  func apply(
    to plan: inout [String: ValueQuantization], exceptFor bytes: Set<String>
  ) throws(CompileError) {
    var findings: [String] = []
    let names = plan.keys.filter { !bytes.contains($0) }.sorted()
    guard names.contains(where: { values[$0] != nil }) else {
      throw CompileError(
        .usage,
        "--scales-from: \(source) has no value of this network; give a model that was compiled from "
          + "the same network, with its names")
    }
    for name in names {
      guard let given = values[name] else {
        findings.append("--scales-from: \(source) has no value '\(name)', which the network has")
        continue
      }
      let planned = plan[known: name]
      guard given.elementType == planned.elementType, planned.bounds.contains(given.zeroPoint),
        planned.bounds.lowerBound <= given.bounds.lowerBound,
        planned.bounds.upperBound >= given.bounds.upperBound
      else {
        findings.append(
          "--scales-from: '\(name)' is \(describe(given)) in \(source), expected "
            + "\(describe(planned)); \(Self.remedy)")
        continue
      }
      plan[name]?.scale = given.scale
      plan[name]?.zeroPoint = given.zeroPoint
    }
    if !findings.isEmpty { throw CompileError(.usage, messages: findings) }
  }

  /// How a layer that reads int16 converts it to the given number of bits.
  ///
  /// - Returns: nil if the model's layer converts nothing, or to other numbers.
  func conversion(ofLayer name: String, bits: Int) -> PatchQuantization.Conversion? {
    conversions[name].flatMap { $0.bounds == 0...(1 << bits) - 1 ? $0 : nil }
  }

  static let remedy = "give the --bits and --layer-bits that it was compiled with"

  private func describe(_ value: ValueQuantization) -> String {
    "\(value.elementType.name) from \(value.bounds.lowerBound) to \(value.bounds.upperBound) with "
      + "zero point \(value.zeroPoint)"
  }
}
