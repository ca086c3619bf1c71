import AdderHost
import AdderModel
import AdderText
import CommandLineSupport
import Dispatch

/// The time each operation takes.
struct Profile {
  private let model: Model
  private var nanoseconds: [UInt64]
  private var imageCount = 0

  init(_ model: Model) {
    self.model = model
    nanoseconds = [UInt64](repeating: 0, count: model.layers.count)
  }

  /// Runs one image and adds its times.
  mutating func run(_ session: ModelSession, _ inputs: [[UInt8]]) -> OutputValues<Int32> {
    imageCount += 1
    var times = nanoseconds
    var last = DispatchTime.now().uptimeNanoseconds
    let values = session.run(inputs) { layer in
      times[layer.index] += DispatchTime.now().uptimeNanoseconds - last
      last = DispatchTime.now().uptimeNanoseconds
    }
    nanoseconds = times
    return values
  }

  private var totalNanoseconds: UInt64 { max(1, nanoseconds.reduce(0, +)) }

  private func microseconds(_ nanoseconds: UInt64) -> Double {
    Double(nanoseconds) / 1000 / Double(max(1, imageCount))
  }

  func text() -> String {
    var table = TextTable([
      .init("operation"), .init("kind"), .init("µs an image", .right), .init("share", .right),
      .init("absolute differences", .right), .init("additions", .right),
    ])
    for (layer, time) in zip(model.layers, nanoseconds) {
      table.append([
        layer.name, "\(layer.opcode)", fixed(microseconds(time), 1),
        percent(Double(time) / Double(totalNanoseconds)),
        grouped(layer.counts.absoluteDifferences), grouped(layer.counts.additions),
      ])
    }
    table.appendRule()
    table.append([
      "sum", "", fixed(microseconds(totalNanoseconds), 1), percent(1),
      grouped(model.counts.absoluteDifferences), grouped(model.counts.additions),
    ])
    return table.text()
  }

  func json() -> JSONValue {
    let operations = zip(model.layers, nanoseconds).map { layer, time -> JSONValue in
      [
        "name": .string(layer.name), "operation": .string("\(layer.opcode)"),
        "microseconds": .number(microseconds(time)),
        "share": .number(Double(time) / Double(totalNanoseconds)),
        "absolute_differences": .integer(layer.counts.absoluteDifferences),
        "additions": .integer(layer.counts.additions),
      ]
    }
    return [
      "operations": .array(operations),
      "microseconds": .number(microseconds(totalNanoseconds)),
      "absolute_differences": .integer(model.counts.absoluteDifferences),
      "additions": .integer(model.counts.additions),
    ]
  }
}
