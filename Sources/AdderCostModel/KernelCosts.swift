import AdderRuntime
import AdderText

/// What kernels cost in instructions of each class: linear formulas that were fitted to counts.
package struct KernelCosts: Sendable {
  /// The formulas of one operation, for one way of running it.
  struct Variant: Sendable {
    /// Coefficients, one a feature, by instruction class.
    let classes: [(name: String, coefficients: [Double])]
    /// The largest error of the fit, as a share.
    let largestError: Double
  }

  package let core: String
  /// The class of kernels that was measured.
  package let kernels: KernelClassName
  /// The command that measured.
  package let source: String
  let file: String
  let features: [String]
  /// By operation, then by variant; the variant `*` is for all.
  let operations: [String: [String: Variant]]

  package static let schema = "adder-kernel-costs-1"

  /// Reads a file that `tools/cost` wrote.
  ///
  /// - Throws: All findings, each with its place in the file.
  package init(reading bytes: [UInt8], file: String) throws(CostError) {
    let root = try readDocument(bytes, file: file, schema: Self.schema)
    var fields = JSONFields()
    let keys = ["schema", "core", "kernels", "source", "features", "operations"]
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
    let features = fields.names(members, "features", at: "") ?? []
    for (index, name) in features.enumerated() where !Feature.names.contains(name) {
      fields.findings.append(
        "features[\(index)]: unknown feature \(quoted(name))"
          + fields.suggestion(name, among: Feature.names))
    }
    var operations: [String: [String: Variant]] = [:]
    for (name, value) in (fields.object(members["operations"] ?? .null, at: "operations") ?? [:])
      .sorted(
        by: { $0.key < $1.key })
    {
      let path = "operations.\(name)"
      for (key, value) in (fields.object(value, at: path) ?? [:]).sorted(by: { $0.key < $1.key }) {
        operations[name, default: [:]][key] = fields.variant(
          value, at: "\(path).\(key)", featureCount: features.count)
      }
    }
    guard let core, let source, let kernels, fields.findings.isEmpty else {
      throw CostError(.malformed, fields.findings.map { "\(file): \($0)" })
    }
    self.core = core
    self.kernels = kernels
    self.source = source
    self.file = file
    self.features = features
    self.operations = operations
  }

  /// How many instructions of each class a layer takes, and the largest error of the formula.
  func instructions(
    of layer: CostLayer
  ) throws(CostError) -> (classes: [(name: String, count: Double)], largestError: Double) {
    let variants = operations[layer.operation] ?? [:]
    guard let variant = variants[layer.variant] ?? variants["*"] else {
      throw CostError(
        .unsupported,
        [
          "\(file): operations.\(layer.operation): no variant '\(layer.variant)', which layer "
            + "'\(layer.name)' needs, expected one for it or for '*'; tools/cost measures it"
        ])
    }
    let values = features.map { Feature.value($0, of: layer) }
    return (
      variant.classes.map { name, coefficients in
        (name, max(0, zip(coefficients, values).reduce(0) { $0 + $1.0 * $1.1 }))
      }, variant.largestError
    )
  }
}

extension JSONFields {
  fileprivate mutating func variant(
    _ value: JSONValue, at path: String, featureCount: Int
  ) -> KernelCosts.Variant? {
    guard let members = object(value, at: path) else { return nil }
    var classes: [(name: String, coefficients: [Double])] = []
    var largestError = 0.0
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      if name == "residual" {
        guard let residual = object(value, at: "\(path).residual") else { continue }
        guard let percent = residual["max_percent"]?.number, percent >= 0 else {
          reject(
            residual["max_percent"], at: "\(path).residual.max_percent", expected: "a percentage")
          continue
        }
        largestError = percent / 100
        continue
      }
      guard case .array(let elements) = value, elements.count == featureCount else {
        reject(value, at: "\(path).\(name)", expected: "\(featureCount) numbers, one a feature")
        continue
      }
      let coefficients = elements.compactMap(\.number)
      guard coefficients.count == featureCount else {
        reject(value, at: "\(path).\(name)", expected: "numbers")
        continue
      }
      classes.append((name, coefficients))
    }
    return KernelCosts.Variant(classes: classes, largestError: largestError)
  }
}
