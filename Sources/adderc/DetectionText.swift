import AdderCompiler
import AdderModel
import AdderText

/// How outputs become boxes, in a line for people and as JSON.
struct DetectionText {
  let strides: [Int]
  let classCount: Int
  let score: Double
  /// In 1/256.
  let overlap: Int
  let candidates: Int
  let boxes: Int
  let fractionBits: Int

  /// `2 levels of strides 8 and 16, 10 classes, …`
  var text: String {
    let levels =
      strides.count == 1
      ? "1 level of stride \(strides[0])"
      : "\(strides.count) levels of strides \(strides.dropLast().map(String.init).joined(separator: ", "))"
        + " and \(strides[strides.count - 1])"
    return levels + ", \(classCount) class\(classCount == 1 ? "" : "es"), class score from "
      + "\(significant(score, 6)), overlap to \(significant(Double(overlap) / 256, 6)), "
      + "\(candidates) candidate\(candidates == 1 ? "" : "s"), \(boxes) box\(boxes == 1 ? "" : "es"), "
      + "in 1/\(1 << fractionBits) pixels"
  }

  var json: JSONValue { .object(members) }

  var members: [JSONValue.Member] {
    [
      .init("strides", .array(strides.map { .integer($0) })),
      .init("classes", .integer(classCount)), .init("score", .number(score)),
      .init("overlap", .number(Double(overlap) / 256)), .init("candidates", .integer(candidates)),
      .init("boxes", .integer(boxes)), .init("fraction_bits", .integer(fractionBits)),
    ]
  }
}

extension DetectionText {
  init(_ detection: CompileReport.Detection) {
    let description = detection.description
    self.init(
      strides: description.levels.map(\.stride), classCount: detection.classCount,
      score: description.score, overlap: description.overlapNumber,
      candidates: description.candidates, boxes: description.boxes,
      fractionBits: detection.fractionBits)
  }

  init(_ detection: Model.Detection) {
    self.init(
      strides: detection.levels.map(\.stride), classCount: detection.classCount,
      // The digits that identify the number, as JSON writes those of 32 bits.
      score: Double(detection.scoreThreshold.description) ?? Double(detection.scoreThreshold),
      overlap: detection.overlap, candidates: detection.candidateLimit, boxes: detection.boxLimit,
      fractionBits: detection.fractionBits)
  }
}
