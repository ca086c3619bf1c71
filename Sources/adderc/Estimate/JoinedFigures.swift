import AdderCostModel
import AdderText
import CommandLineSupport

/// What `adderc verify --json` found, beside an estimate.
struct VerifiedFigures {
  let file: String
  let imageCount: Int
  let agreementPercent: Double
  let rootMeanSquareError: Double
  /// Images that the float network and the model classify correctly; nil without labels.
  let top1: (float: Int, integer: Int)?

  init(path: String) throws {
    let (members, file) = try document(path, schema: "adder-verify-1", made: "adderc verify --json")
    var fields = JSONFields()
    imageCount = fields.count(members["images"], at: "images")
    agreementPercent = fields.real(members["agreement_percent"], at: "agreement_percent")
    rootMeanSquareError = fields.real(members["rmse"], at: "rmse")
    if members["top1_float"] ?? .null == .null {
      top1 = nil
    } else {
      top1 = (
        fields.count(members["top1_float"], at: "top1_float"),
        fields.count(members["top1_integer"], at: "top1_integer")
      )
    }
    self.file = file
    try fields.check(file)
  }
}

extension VerifiedFigures {
  /// The share of images classified correctly, or without labels as the float network does.
  var headline: String {
    top1.map { percentage($0.integer) } ?? fixed(agreementPercent, 2)
  }

  var text: String {
    let right = top1.map {
      "top-1 \(percentage($0.integer)) %, in float \(percentage($0.float)) %, "
    }
    return (right ?? "") + "\(fixed(agreementPercent, 2)) % agree with the float network, RMSE "
      + "\(fixed(rootMeanSquareError, 4)), \(grouped(imageCount)) images"
  }

  private func percentage(_ count: Int) -> String {
    fixed(100 * Double(count) / Double(max(1, imageCount)), 2)
  }
}

/// The time of each layer that `adderrun --profile --json` measured, beside an estimate.
struct MeasuredProfile {
  let file: String
  /// Of the network's layers in their order.
  let seconds: [Double]

  var total: Double { seconds.reduce(0, +) }

  init(path: String, network: CostNetwork) throws {
    let (members, file) = try document(
      path, schema: "adder-run-1", made: "adderrun --profile --json")
    var fields = JSONFields()
    let profile = fields.object(members["profile"] ?? .null, at: "profile") ?? [:]
    var operations: [JSONValue] = []
    if case .array(let values)? = profile["operations"] {
      operations = values
    } else if !profile.isEmpty {
      fields.reject(profile["operations"], at: "profile.operations", expected: "an array")
    }
    try fields.check(file)
    guard operations.count == network.layers.count else {
      throw CommandLineFailure(
        .malformed,
        "\(file): profile.operations: \(operations.count), expected the \(network.layers.count) of "
          + "\(network.name.printableName); profile the same model")
    }
    var seconds: [Double] = []
    for (index, (layer, value)) in zip(network.layers, operations).enumerated() {
      let path = "profile.operations[\(index)]"
      let operation = fields.object(value, at: path) ?? [:]
      guard operation["name"] == .string(layer.name) else {
        throw CommandLineFailure(
          .malformed,
          "\(file): \(path).name: not \(quoted(layer.name)), expected the operations of "
            + "\(network.name.printableName); profile the same model")
      }
      seconds.append(
        fields.real(operation["microseconds"], at: "\(path).microseconds") * 1e-6)
    }
    self.seconds = seconds
    self.file = file
    try fields.check(file)
  }
}

/// The members of a program's JSON output.
private func document(
  _ path: String, schema: String, made command: String
) throws -> (members: JSONFields.Members, file: String) {
  let bytes = try InputFile.read(path)
  let file = InputFile.name(of: path)
  var fields = JSONFields()
  let value: JSONValue
  do {
    value = try JSONValue(reading: bytes)
  } catch {
    throw CommandLineFailure(
      .malformed, "\(file): \(error.text); expected what '\(command)' prints")
  }
  let members = fields.object(value, at: "") ?? [:]
  try fields.check(file)
  guard members["schema"] == .string(schema) else {
    throw CommandLineFailure(
      .malformed, "\(file): no schema '\(schema)', expected what '\(command)' prints")
  }
  return (members, file)
}

extension JSONFields {
  fileprivate mutating func real(_ value: JSONValue?, at path: String) -> Double {
    if let number = value?.number, (0...1e18).contains(number) { return number }
    reject(value, at: path, expected: "a number of 0...1e18")
    return 0
  }

  fileprivate mutating func count(_ value: JSONValue?, at path: String) -> Int {
    if let number = value?.number, let count = Int(exactly: number), count >= 0 { return count }
    reject(value, at: path, expected: "a count")
    return 0
  }

  /// - Throws: The findings, if there are any.
  fileprivate func check(_ file: String) throws(CommandLineFailure) {
    guard findings.isEmpty else {
      throw CommandLineFailure(.malformed, messages: findings.map { "\(file): \($0)" })
    }
  }
}
