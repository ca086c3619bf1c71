import CommandLineSupport

/// What of boxes is asked for.
struct DetectionOptions {
  static let defaultMinimumScore = 0.3

  static let specifications = [
    OptionSpecification(
      "detect",
      help: "print the boxes that a detector finds, a table for each image; with --json, all boxes"),
    OptionSpecification(
      "detections", .value("FILE.json"),
      help: "write all boxes as COCO results: image_id counts images from 0, category_id classes "
        + "from 1, bbox is [left, top, width, height] in pixels of the model's input"),
    OptionSpecification(
      "draw", .value("DIR"),
      help: "draw boxes, class and score into each image, as PNG files in a new directory"),
    OptionSpecification(
      "minimum-score", .value("S"),
      help: "print and draw boxes from this score on, 0 to 1 (\(defaultMinimumScore)); "
        + "--detections and --json have all"),
  ]

  /// Whether boxes are printed one by one.
  let prints: Bool
  let resultsPath: String?
  let drawingPath: String?
  let minimumScore: Double

  /// The option that messages name.
  let option: String

  /// - Returns: nil where none of the options is given.
  /// - Throws: `usage`.
  init?(_ arguments: ParsedArguments) throws(CommandLineFailure) {
    let minimumScore = try arguments.number("minimum-score", in: 0...1)
    guard let option = ["detect", "detections", "draw"].first(where: arguments.isSet) else {
      if minimumScore != nil {
        throw CommandLineFailure(.usage, "--minimum-score needs --detect, --detections or --draw")
      }
      return nil
    }
    self.option = "--\(option)"
    prints = arguments.isSet("detect")
    resultsPath = arguments.string("detections")
    drawingPath = arguments.string("draw")
    self.minimumScore = minimumScore ?? Self.defaultMinimumScore
  }
}
