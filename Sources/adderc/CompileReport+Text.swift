import ADBFormat
import AdderCompiler
import AdderHost
import AdderText
import CommandLineSupport
import Foundation

/// The report as `adderc compile` prints it.
func text(of report: CompileReport) -> String {
  var lines = [
    "checkpoint    \(report.container), \(report.tensorCount) tensors",
    "architecture  \(report.architecture)",
  ]
  for assumption in report.assumptions { lines.append("assumed       \(assumption)") }
  lines.append("ranges        \(report.calibration)")
  var table = TextTable([
    .init("layer"), .init("operation"), .init("input"), .init("output"), .init("type"),
    .init("operations", .right), .init("clamped", .right), .init("clipped", .right),
    .init("SQNR dB", .right),
  ])
  for layer in report.layers {
    let clamped =
      layer.operation == "adder2d"
      ? percent(Double(layer.clampedFilterElementCount) / Double(layer.filterElementCount)) : ""
    table.append([
      layer.name, layer.operation, layer.inputShape.text, layer.outputShape.text,
      "\(layer.inputType.name) → \(layer.outputType.name)",
      layer.operationCount == 0 ? "" : grouped(layer.operationCount), clamped,
      layer.clippedShare.map(smallPercent) ?? "",
      layer.signalToNoise.map { fixed($0, 1) } ?? "",
    ])
  }
  var text = lines.joined(separator: "\n") + "\n\n" + table.text() + "\n"
  var summary: [String] = []
  if let share = report.clampedShare {
    summary.append("clamped       \(percent(share)) of the adder weights, losslessly")
  }
  if let worst = report.worstLayer, let ratio = worst.signalToNoise {
    summary.append("worst layer   \(worst.name), \(fixed(ratio, 1)) dB")
  }
  if let most = report.mostClippingLayer, let share = most.clippedShare {
    summary.append("most clipped  \(most.name), \(smallPercent(share)) of its values on the images")
  }
  summary.append(
    "arena         \(grouped(report.arenaByteCount)) bytes exactly "
      + "(at least \(grouped(report.livenessByteCount)) live at once)")
  summary.append(
    "flash         \(grouped(report.fileByteCount)) bytes, of which constants "
      + grouped(report.constantByteCount))
  if let detection = report.detection {
    summary.append("detection     \(DetectionText(detection).text)")
  }
  text += summary.joined(separator: "\n") + "\n"
  return text
}

/// The report as JSON.
func json(of report: CompileReport, model: String) -> JSONValue {
  let layers = report.layers.map { layer -> JSONValue in
    [
      "name": .string(layer.name), "operation": .string(layer.operation),
      "input_shape": shape(layer.inputShape), "output_shape": shape(layer.outputShape),
      "input_type": .string(layer.inputType.name), "output_type": .string(layer.outputType.name),
      "operations": .integer(layer.operationCount),
      "filter_elements": .integer(layer.filterElementCount),
      "clamped_filter_elements": .integer(layer.clampedFilterElementCount),
      "clipped_share": layer.clippedShare.map { .number($0) } ?? nil,
      "sqnr_db": layer.signalToNoise.map { .number($0) } ?? nil,
    ]
  }
  return .document(
    schema: "adder-compile-1",
    [
      .init("model", .string(model)), .init("container", .string(report.container)),
      .init("tensors", .integer(report.tensorCount)),
      .init("architecture", .string(report.architecture)),
      .init("assumptions", .array(report.assumptions.map { .string($0) })),
      .init("warnings", .array(report.warnings.map { .string($0) })),
      .init("ranges", .string(report.calibration)), .init("layers", .array(layers)),
      .init("clamped_share", report.clampedShare.map { .number($0) } ?? nil),
      .init("most_clipping_layer", report.mostClippingLayer.map { .string($0.name) } ?? nil),
      .init("worst_layer", report.worstLayer.map { .string($0.name) } ?? nil),
      .init("arena_bytes", .integer(report.arenaByteCount)),
      .init("live_bytes", .integer(report.livenessByteCount)),
      .init("flash_bytes", .integer(report.fileByteCount)),
      .init("constant_bytes", .integer(report.constantByteCount)),
      .init("detection", report.detection.map { DetectionText($0).json } ?? nil),
    ])
}

/// A share of which a little is not nothing.
private func smallPercent(_ share: Double) -> String {
  share > 0 && share < 0.0005 ? "< 0.1 %" : percent(share)
}

private func shape(_ shape: TensorShape) -> JSONValue {
  .array([.integer(shape.channels), .integer(shape.height), .integer(shape.width)])
}
