import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

/// The boxes of all images of a run.
struct DetectionReport {
  let model: Model
  /// Boxes below this score are counted, and neither printed nor drawn.
  let minimumScore: Double
  /// One for each image.
  private let found: [BoxFinder.Found]

  init(_ model: Model, _ finder: BoxFinder, _ values: [OutputValues<Int32>], minimumScore: Double) {
    self.model = model
    self.minimumScore = minimumScore
    found = values.map(finder.boxes)
  }

  var imageCount: Int { found.count }

  /// All boxes of an image, in falling order of scores.
  func boxes(_ image: Int) -> [DetectedBox] {
    found[image].boxes.map { DetectedBox($0, of: model) }
  }

  /// Those that are printed and drawn.
  func boxesShown(_ image: Int) -> [DetectedBox] {
    boxes(image).filter { $0.score >= minimumScore }
  }

  /// A table for each image.
  func tables() -> String {
    found.indices.map { image in
      let shown = boxesShown(image)
      let candidates = found[image].candidateCount
      let limit = model.detection?.candidateLimit ?? 0
      var line =
        "image \(image): \(Self.count(shown.count))"
        + below(found[image].boxes.count - shown.count)
      if candidates > limit {
        line += "; of \(grouped(candidates)) candidates the best \(grouped(limit)) count"
      }
      return line + "\n" + (shown.isEmpty ? "" : table(of: shown))
    }.joined()
  }

  /// A line about all images.
  func summary() -> String {
    let all = found.reduce(0) { $0 + $1.boxes.count }
    let shown = found.indices.reduce(0) { $0 + boxesShown($1).count }
    let images = "\(grouped(imageCount)) image" + (imageCount == 1 ? "" : "s")
    return "boxes: \(Self.count(shown)) in \(images)\(below(all - shown))\n"
  }

  private func below(_ count: Int) -> String {
    count == 0 ? "" : ", \(grouped(count)) more below score \(significant(minimumScore, 6))"
  }

  private static func count(_ count: Int) -> String {
    switch count {
    case 0: "no box"
    case 1: "1 box"
    default: "\(grouped(count)) boxes"
    }
  }

  private func table(of boxes: [DetectedBox]) -> String {
    var table = TextTable([
      .init("class"), .init("score", .right), .init("left", .right), .init("top", .right),
      .init("right", .right), .init("bottom", .right),
    ])
    for box in boxes {
      table.append(
        [box.className, fixed(box.score, 3)]
          + [box.left, box.top, box.right, box.bottom].map { fixed($0, 1) })
    }
    return table.text()
  }

  /// For each image all its boxes.
  func json() -> JSONValue {
    .array(
      found.indices.map { image in
        .array(
          boxes(image).map { box in
            [
              "class": .integer(box.label), "name": box.name.map { .string($0) } ?? nil,
              "value": .integer(Int(box.value)), "score": .number(box.score),
              "box": .array([box.left, box.top, box.right, box.bottom].map { .number($0) }),
            ]
          })
      })
  }

  /// How many candidates each image had.
  func candidateCounts() -> JSONValue { .array(found.map { .integer($0.candidateCount) }) }

  /// Writes all boxes as COCO results: a JSON list of objects, each with `image_id`, which counts
  /// images from 0, `category_id`, the class from 1, `bbox`, [left, top, width, height] in pixels of
  /// the model's input, and `score`.
  ///
  /// - Complexity: O(boxes) time, O(boxes of an image) memory
  func writeResults(_ append: OutputFile.Append) throws(CommandLineFailure) {
    var separator = "["
    for image in found.indices {
      var text = ""
      for box in boxes(image) {
        text +=
          "\(separator)\n{\"image_id\": \(image), \"category_id\": \(box.label + 1), \"bbox\": "
          + "[\(box.left), \(box.top), \(box.right - box.left), \(box.bottom - box.top)], "
          + "\"score\": \(box.score)}"
        separator = ","
      }
      try append(Array(text.utf8))
    }
    try append(Array((separator == "[" ? "[]\n" : "\n]\n").utf8))
  }
}
