import AdderHost
import AdderModel
import AdderText
import AdderVector
import CommandLineSupport
import Dispatch

/// The time each operation takes, and what that is of what the machine can do.
struct Profile {
  /// The most images whose times are kept; the median is that of the first ones.
  private static let sampleCount = 1 << 12

  private let engine: ModelEngine
  /// Nanoseconds of each layer, for each image.
  private var times: [[UInt64]]
  /// The absolute differences of a second that the instruction set allows; nil for the interpreter.
  private let ceiling: Double?

  private var model: Model { engine.model }

  init(_ engine: ModelEngine) {
    self.engine = engine
    times = [[UInt64]](repeating: [], count: engine.model.layers.count)
    ceiling = engine.vectorProgram?.instructionSet.measureCeiling()
  }

  /// Runs one image and adds its times.
  mutating func run(_ session: ModelSession, _ inputs: [[UInt8]]) -> OutputValues<Int32> {
    var found: [UInt64] = []
    found.reserveCapacity(times.count)
    var last = DispatchTime.now().uptimeNanoseconds
    let values = session.run(inputs) { _ in
      let now = DispatchTime.now().uptimeNanoseconds
      found.append(now - last)
      last = DispatchTime.now().uptimeNanoseconds
    }
    if let count = times.first?.count, count < Self.sampleCount {
      for (index, time) in found.enumerated() { times[index].append(time) }
    }
    return values
  }

  /// What is told of one operation.
  private struct Row {
    let layer: Model.Layer
    let kernel: String
    let reason: String
    /// The median over images.
    let nanoseconds: Double
    /// Absolute differences and additions.
    let work: Int
    /// Of tensors read and written, and of filters.
    let byteCount: Int
    /// Of the absolute differences that the instruction set allows; nil where a kernel takes none.
    let ceilingShare: Double?

    /// Absolute differences and additions of a nanosecond.
    var rate: Double { Double(work) / max(1, nanoseconds) }
  }

  private var rows: [Row] {
    zip(model.layers, times).map { layer, times in
      let sorted = times.sorted()
      let median = sorted.isEmpty ? 0 : Double(sorted[sorted.count / 2])
      let plan = engine.vectorProgram?.kernel(of: layer.index)
      let differences = Double(layer.counts.absoluteDifferences)
      let tensors = layer.tensorsRead + [layer.output]
      return Row(
        layer: layer, kernel: plan?.kernel.name ?? "interpreter", reason: plan?.reason ?? "",
        nanoseconds: median, work: layer.counts.absoluteDifferences + layer.counts.additions,
        byteCount: tensors.reduce(layer.filterByteCount) { $0 + model.tensors[$1].byteCount },
        ceilingShare: plan?.kernel == .sums
          ? ceiling.map { differences / max(1, median) * 1e9 / $0 } : nil)
    }
  }

  func text() -> String {
    let rows = rows
    let total = max(1, rows.reduce(0) { $0 + $1.nanoseconds })
    var table = TextTable([
      .init("operation"), .init("kind"), .init("kernel"), .init("why"),
      .init("µs an image", .right), .init("share", .right), .init("Gop/s", .right),
      .init("of ceiling", .right), .init("bytes", .right),
      .init("absolute differences", .right), .init("additions", .right),
    ])
    for row in rows {
      let layer = row.layer
      table.append([
        layer.name, "\(layer.opcode)", row.kernel, row.reason, fixed(row.nanoseconds / 1000, 1),
        percent(row.nanoseconds / total), fixed(row.rate, 1),
        row.ceilingShare.map(percent) ?? "", grouped(row.byteCount),
        grouped(layer.counts.absoluteDifferences), grouped(layer.counts.additions),
      ])
    }
    table.appendRule()
    table.append([
      "sum", "", "", "", fixed(total / 1000, 1), percent(1),
      fixed(Double(rows.reduce(0) { $0 + $1.work }) / total, 1), "",
      grouped(rows.reduce(0) { $0 + $1.byteCount }),
      grouped(model.counts.absoluteDifferences), grouped(model.counts.additions),
    ])
    var text = table.text()
    if let ceiling, let set = engine.vectorProgram?.instructionSet {
      text +=
        "\nceiling: \(fixed(ceiling / 1e9, 1)) G absolute differences a second, in registers of "
        + "\(set.name)\n"
    }
    return text
  }

  func json() -> JSONValue {
    let rows = rows
    let total = max(1, rows.reduce(0) { $0 + $1.nanoseconds })
    let operations = rows.map { row -> JSONValue in
      [
        "name": .string(row.layer.name), "operation": .string("\(row.layer.opcode)"),
        "kernel": .string(row.kernel), "why": .string(row.reason),
        "microseconds": .number(row.nanoseconds / 1000), "share": .number(row.nanoseconds / total),
        "operations_per_second": .number(row.rate * 1e9),
        "ceiling_share": row.ceilingShare.map { .number($0) } ?? nil,
        "bytes": .integer(row.byteCount),
        "absolute_differences": .integer(row.layer.counts.absoluteDifferences),
        "additions": .integer(row.layer.counts.additions),
      ]
    }
    return [
      "operations": .array(operations), "microseconds": .number(total / 1000),
      "instruction_set": (engine.vectorProgram?.instructionSet.name).map { .string($0) } ?? nil,
      "ceiling_per_second": ceiling.map { .number($0) } ?? nil,
      "absolute_differences": .integer(model.counts.absoluteDifferences),
      "additions": .integer(model.counts.additions),
    ]
  }
}
