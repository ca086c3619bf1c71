import AdderRuntime
import AdderText

/// What kernels cost: instructions of each class for each feature, fitted to counts.
///
/// A feature is a part of an operation's code, `PART.WHAT`, that runs so many times.
package struct KernelCosts: Sendable {
  package let core: String
  /// The class of kernels that was measured.
  package let kernels: KernelClassName
  /// The command that measured.
  package let source: String
  let file: String
  /// Instructions by class, for one of a feature.
  let features: [String: [(name: String, count: Double)]]
  /// The largest errors of the formulas as shares, by what ``CostLayer/variant`` says.
  let errors: [String: Double]

  package static let schema = "adder-kernel-costs-1"

  /// Reads a file that `tools/cost` wrote.
  ///
  /// - Throws: All findings, each with its place in the file.
  package init(reading bytes: [UInt8], file: String) throws(CostError) {
    let root = try readDocument(bytes, file: file, schema: Self.schema)
    var fields = JSONFields()
    let keys = ["schema", "core", "kernels", "source", "classes", "features", "residuals"]
    let members = fields.object(root, at: "", keys: keys) ?? [:]
    let core = fields.string(members, "core", at: "")
    let source = fields.string(members, "source", at: "")
    let kernelsName = fields.string(members, "kernels", at: "")
    let kernels = KernelClassName.allCases.first { "\($0)" == kernelsName }
    if let kernelsName, kernels == nil {
      fields.findings.append(
        "kernels: \(quoted(kernelsName)), expected one of "
          + KernelClassName.allCases.map { "\($0)" }.joined(separator: ", "))
    }
    let classes = fields.names(members, "classes", at: "") ?? []
    features = fields.entries(members["features"], at: "features").mapValues { costs in
      costs.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
    }
    for (feature, costs) in features.sorted(by: { $0.key < $1.key }) {
      for (name, _) in costs where !classes.contains(name) {
        fields.findings.append(
          "features.\(feature).\(name): unknown class" + fields.suggestion(name, among: classes))
      }
    }
    errors = fields.entries(members["residuals"], at: "residuals").compactMapValues {
      $0["max_percent"].map { $0 / 100 }
    }
    guard let core, let source, let kernels, fields.findings.isEmpty else {
      throw CostError(.malformed, fields.findings.map { "\(file): \($0)" })
    }
    self.core = core
    self.kernels = kernels
    self.source = source
    self.file = file
  }

  /// Instructions of a class, for a cause.
  struct Count {
    let cause: Cost.Cause
    let className: String
    let count: Double
  }

  /// How many instructions of each class a layer takes for what, and the largest error of the
  /// formula: that of all formulas where none of the layer's variant was measured.
  func instructions(
    of layer: CostLayer
  ) throws(CostError) -> (counts: [Count], largestError: Double) {
    var counts: [Count] = []
    for (feature, times) in layer.features.sorted(by: { $0.key < $1.key }) where times > 0 {
      guard let costs = features[feature] else {
        throw CostError(
          .unsupported,
          [
            "\(file): features.\(feature): missing, but layer '\(layer.name)' has \(times) of it; "
              + "tools/cost measures it"
          ])
      }
      let cause = layer.kind == .other ? .others : Cost.Cause(ofFeature: feature)
      counts += costs.map {
        Count(cause: cause, className: $0.name, count: $0.count * Double(times))
      }
    }
    return (counts, errors[layer.variant] ?? errors.values.max() ?? 0)
  }
}

extension Cost.Cause {
  /// What a part of a layer with filters is for, by the name of the feature, `PART.WHAT`.
  fileprivate init(ofFeature name: String) {
    switch name.prefix(while: { $0 != "." }) {
    case "gather", "copy", "copy_bytes", "convert": self = .gathering
    case "bytes", "sevenBits", "halves": self = .differences
    case "digits": self = .products
    case "pairs", "store": self = .requantization
    default: self = name.hasPrefix("adder2d.examin") ? .differences : .loops
    }
  }
}

extension JSONFields {
  /// Reads an object of objects of amounts.
  fileprivate mutating func entries(
    _ value: JSONValue?, at path: String
  ) -> [String: [String: Double]] {
    var entries: [String: [String: Double]] = [:]
    for (name, value) in (object(value ?? .null, at: path) ?? [:]).sorted(by: { $0.key < $1.key }) {
      let members = object(value, at: "\(path).\(name)") ?? [:]
      entries[name] = [:]
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        entries[name]?[key] = amount(value, at: "\(path).\(name).\(key)")
      }
    }
    return entries
  }
}
