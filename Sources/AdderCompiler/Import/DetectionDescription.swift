import ADBFormat
import AdderText

/// What a detector's outputs are, and how many boxes come of them: docs/graph-format.md, "Detection".
public struct DetectionDescription: Equatable, Sendable {
  /// The outputs of one level, by their places among the network's.
  public struct Level: Equatable, Sendable {
    /// Pixels of the image from one location to the next, a power of two.
    public var stride: Int
    public var classes: Int
    public var distances: Int
    public var centerness: Int

    /// The outputs with what each holds.
    var outputs: [(what: String, output: Int)] {
      [("classes", classes), ("distances", distances), ("centerness", centerness)]
    }
  }

  /// What messages call it.
  public var source: String
  /// The finest first.
  public var levels: [Level]
  /// The least score of a class, of candidates; above 0 and below 1.
  public var score: Double
  /// The part of their union that two boxes of a class may share, 0…255/256.
  public var overlap: Double
  /// So many of the best candidates may become boxes.
  public var candidates: Int
  /// The most boxes of an image, at most `candidates`.
  public var boxes: Int
  /// Whether the description says which outputs are whose, and not their order.
  public var namesOutputs: Bool

  /// `overlap` in 1/256, the nearest integer.
  package var overlapNumber: Int { Int((overlap * 256).rounded()) }
}

/// Where the description of a detector comes from.
public enum DetectionSource: Sendable {
  /// The checkpoint's metadata `adder.detection`, if it has them.
  case checkpoint
  /// A file: its name for messages, and its bytes.
  case file(name: String, bytes: [UInt8])
  /// The model gets none.
  case none
}

/// The description that the options choose, nil for none, and what to say of the choice.
///
/// - Throws: `malformed` with all that is wrong with the description.
func detectionDescription(
  of checkpoint: Checkpoint, fileName: String, from source: DetectionSource
) throws(CompileError) -> (description: DetectionDescription?, assumptions: [String]) {
  let stored = checkpoint.metadata["adder.detection"]
  switch source {
  case .checkpoint:
    guard let stored else { return (nil, []) }
    let name = "\(fileName) (adder.detection)"
    return (
      try readDetection(Array(stored.utf8), file: name),
      ["detection: the description stored in \(fileName)"]
    )
  case .file(let name, let bytes):
    return (
      try readDetection(bytes, file: name),
      ["detection: the description \(name)"]
        + (stored == nil
          ? [] : ["the detection stored in \(fileName) is not used: another was asked for"])
    )
  case .none:
    return (
      nil,
      stored == nil
        ? [] : ["the detection stored in \(fileName) is not used: none was asked for"]
    )
  }
}

/// Reads a description of a detector.
///
/// - Throws: `malformed` with every finding, each with its JSON path.
/// - Complexity: O(bytes); at most 4 MiB
func readDetection(_ bytes: [UInt8], file: String) throws(CompileError) -> DetectionDescription {
  let document: JSONValue
  do {
    document = try JSONValue(reading: bytes)
  } catch {
    throw CompileError(.malformed, "\(file): \(error.text)")
  }
  var reader = DetectionReader()
  guard let description = reader.read(document, file: file), reader.fields.findings.isEmpty else {
    throw CompileError(
      .malformed, findings: reader.fields.findings, omittedCount: reader.fields.omittedCount,
      in: file)
  }
  return description
}

/// The findings of one walk over a description.
private struct DetectionReader {
  var fields = JSONFields()

  private static let keys = ["strides", "score", "overlap", "candidates", "boxes", "outputs"]
  private static let levelCounts = 1...Int(Limits.detectionLevelCount)
  private static let largestStride = 1 << Int(Limits.strideShift)
  private static let largestOutput = Int(Limits.bindingCount) - 1

  mutating func read(_ document: JSONValue, file: String) -> DetectionDescription? {
    guard let root = fields.object(document, at: "", keys: Self.keys) else { return nil }
    let strides = strides(root["strides"])
    let score = number(root, "score", in: 1e-6...0.999999, default: 0.05)
    let overlap = number(root, "overlap", in: 0...255 / 256, default: 0.5)
    let candidates = integer(root, "candidates", in: 1...Int(Limits.candidateCount), default: 200)
    let boxes = integer(
      root, "boxes", in: 1...candidates, default: min(100, candidates), unit: ", the candidates")
    let outputs = outputs(root["outputs"], levelCount: strides?.count)
    guard let strides, let outputs else { return nil }
    return DetectionDescription(
      source: file,
      levels: zip(strides, outputs).map {
        .init(stride: $0, classes: $1[0], distances: $1[1], centerness: $1[2])
      },
      score: score, overlap: overlap, candidates: candidates, boxes: boxes,
      namesOutputs: root["outputs"] != nil)
  }

  private mutating func strides(_ value: JSONValue?) -> [Int]? {
    guard case .array(let elements)? = value, Self.levelCounts.contains(elements.count) else {
      var found = value?.kind ?? "missing"
      if case .array(let elements)? = value { found = "\(elements.count) elements" }
      fields.findings.append(
        "strides: \(found), expected an array of \(Self.levelCounts.boundsText) powers of two, one "
          + "for each level")
      return nil
    }
    var strides: [Int] = []
    for (index, element) in elements.enumerated() {
      guard let stride = element.integer(in: 1...Self.largestStride), stride & (stride - 1) == 0
      else {
        fields.reject(
          element, at: "strides[\(index)]",
          expected: "a power of two of 1...\(Self.largestStride)")
        continue
      }
      if let last = strides.last, stride < last {
        fields.findings.append(
          "strides[\(index)]: \(stride), expected at least the \(last) before it: the finest level "
            + "comes first")
      }
      strides.append(stride)
    }
    return strides.count == elements.count ? strides : nil
  }

  private mutating func number(
    _ root: JSONFields.Members, _ key: String, in range: ClosedRange<Double>,
    default standard: Double
  ) -> Double {
    guard let value = root[key] else { return standard }
    if let number = value.number, range.contains(number) { return number }
    fields.reject(
      value, at: key,
      expected: "a number of \(JSONValue.number(range.lowerBound).kind)..."
        + JSONValue.number(range.upperBound).kind)
    return standard
  }

  private mutating func integer(
    _ root: JSONFields.Members, _ key: String, in range: ClosedRange<Int>, default standard: Int,
    unit: String = ""
  ) -> Int {
    guard let value = root[key] else { return standard }
    if let integer = value.integer(in: range) { return integer }
    fields.reject(value, at: key, expected: "an integer of \(range.boundsText)\(unit)")
    return range.upperBound
  }

  /// The outputs of each level; without the member, three for each in the order of the network's.
  ///
  /// - Parameter levelCount: nil if it is not known.
  private mutating func outputs(_ value: JSONValue?, levelCount: Int?) -> [[Int]]? {
    guard let value else {
      return (0..<(levelCount ?? 0)).map { [3 * $0, 3 * $0 + 1, 3 * $0 + 2] }
    }
    guard case .array(let elements) = value, Self.levelCounts.contains(elements.count),
      levelCount == nil || elements.count == levelCount
    else {
      var found = value.kind
      if case .array(let elements) = value { found = "\(elements.count) elements" }
      fields.findings.append(
        "outputs: \(found), expected \(levelCount.map { "\($0)" } ?? "an array of") "
          + "[classes, distances, centerness], one for each stride")
      return nil
    }
    var places: [Int: String] = [:]
    var levels: [[Int]] = []
    for (index, element) in elements.enumerated() {
      guard let level = element.integers(in: 0...Self.largestOutput), level.count == 3 else {
        fields.findings.append(
          "outputs[\(index)]: expected [classes, distances, centerness], the numbers of outputs, "
            + (0...Self.largestOutput).boundsText)
        continue
      }
      for (part, output) in level.enumerated() {
        let place = "outputs[\(index)][\(part)]"
        if let other = places.updateValue(place, forKey: output) {
          fields.findings.append("\(place): output \(output) is also \(other)")
        }
      }
      levels.append(level)
    }
    return levels.count == elements.count ? levels : nil
  }
}
