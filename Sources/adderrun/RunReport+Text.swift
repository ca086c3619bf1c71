import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

extension RunReport {
  /// The report for people.
  func text() -> String {
    var text = ""
    if let count = options.topCount {
      for (image, values) in values.enumerated() {
        let list = topClasses(count, of: values).map {
          "\($0.name?.printableName ?? String($0.index)) " + significant($0.score, 4)
        }
        text += "image \(image): \(list.joined(separator: ", "))\n"
      }
    }
    if let detections {
      if options.detection?.prints ?? false { text += detections.tables() }
      text += detections.summary()
    }
    if let accuracy {
      text += "top-1: \(accuracy.right)/\(accuracy.total) (\(fixed(accuracy.percent, 2)) %)\n"
    }
    if let comparison, comparison.firstDifference == nil {
      text += "expected: all \(comparison.valueCount) values are equal\n"
    }
    if options.repeatCount != nil {
      let perImage = bestSeconds * 1000 / Double(max(1, values.count))
      text +=
        "time: \(fixed(perImage, 3)) ms an image, the fastest of \(seconds.count) repetitions of "
        + "\(values.count) images on \(threadCount) threads\n"
    }
    if let profile {
      if !text.isEmpty { text += "\n" }
      text += profile.text()
    }
    return text
  }

  /// The report for programs.
  func json() -> JSONValue {
    let tensors = model.outputs.map { output -> JSONValue in
      let shape = output.tensor.shape
      return [
        "name": .string(output.name),
        "shape": [.integer(shape.channels), .integer(shape.height), .integer(shape.width)],
        "scale": .number(output.tensor.quantization.scale),
        "zero_point": .integer(Int(output.tensor.quantization.zeroPoint)),
      ]
    }
    var members: [JSONValue.Member] = [
      .init("model", .string(options.modelPath)), .init("name", .string(model.name)),
      .init("outputs", .array(tensors)), .init("images", .integer(values.count)),
    ]
    if let count = options.topCount {
      members.append(.init("top", .array(values.map { top(count, of: $0) })))
    }
    if let detections {
      members.append(.init("detections", detections.json()))
      members.append(.init("candidates", detections.candidateCounts()))
    }
    if let accuracy {
      members.append(
        .init(
          "top1",
          [
            "right": .integer(accuracy.right), "total": .integer(accuracy.total),
            "percent": .number(accuracy.percent),
          ]))
    }
    if let comparison { members.append(.init("expected", json(of: comparison))) }
    if options.repeatCount != nil {
      members.append(.init("seconds", .array(seconds.map { .number($0) })))
      members.append(.init("processor_seconds", .array(processorSeconds.map { .number($0) })))
      members.append(.init("threads", .integer(threadCount)))
    }
    if let profile { members.append(.init("profile", profile.json())) }
    return .document(schema: "adder-run-1", members)
  }

  /// The best classes of one image.
  private func top(_ count: Int, of values: OutputValues<Int32>) -> JSONValue {
    let best = topClasses(count, of: values)
    return .array(
      best.map {
        [
          "class": .integer($0.index), "name": $0.name.map { .string($0) } ?? nil,
          "value": .integer(Int($0.value)), "score": .number($0.score),
        ]
      })
  }

  private func json(of comparison: OutputComparison) -> JSONValue {
    guard let difference = comparison.firstDifference else { return ["equal": true] }
    return [
      "equal": false, "differing": .integer(comparison.differingCount),
      "first_difference": [
        "image": .integer(difference.image), "output": .integer(difference.output),
        "found": .integer(Int(difference.found)), "expected": .integer(Int(difference.expected)),
      ],
    ]
  }
}
