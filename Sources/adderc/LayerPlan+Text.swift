import AdderHost
import AdderModel
import AdderRuntime
import AdderText
import CommandLineSupport

/// How the filter layers of a model run on a class of kernels, a line each.
func planTable(of model: Model, _ kernels: KernelClassName) -> String {
  var table = TextTable([
    .init("layer"), .init("operation"), .init("gathering"), .init("shared", .right),
    .init("converted"), .init("sums"), .init("scaled"), .init("tiles", .right),
    .init("lone positions", .right), .init("lone filters", .right), .init("not the quickest"),
  ])
  for (layer, plan) in zip(model.layers, model.plans(kernels)) {
    guard let plan else { continue }
    table.append([
      layer.name, "\(layer.opcode)", "\(plan.gathering)",
      plan.sharedTapCount == 0 ? "" : "\(plan.sharedTapCount)",
      plan.conversion.map { "\($0)" } ?? "", plan.sums.name, plan.scaling.name,
      grouped(plan.tileCount), plan.lonePositionCount == 0 ? "" : grouped(plan.lonePositionCount),
      plan.loneFilterCount == 0 ? "" : grouped(plan.loneFilterCount),
      plan.obstacles.map(\.text).joined(separator: "; "),
    ])
  }
  return "plan for \(kernels) kernels, tiles of 2 positions and 2 filters\n" + table.text()
}

/// The same for programs.
func planJSON(of model: Model, _ kernels: KernelClassName) -> JSONValue {
  let plans = zip(model.layers, model.plans(kernels)).compactMap { layer, plan -> JSONValue? in
    guard let plan else { return nil }
    return [
      "name": .string(layer.name), "operation": .string("\(layer.opcode)"),
      "gathering": .string("\(plan.gathering)"),
      "shared_taps": .integer(Int(plan.sharedTapCount)),
      "conversion": plan.conversion.map { .string("\($0)") } ?? nil,
      "sums": .string(plan.sums.name), "scaling": .string(plan.scaling.name),
      "tiles": .integer(plan.tileCount), "lone_positions": .integer(plan.lonePositionCount),
      "lone_filters": .integer(plan.loneFilterCount),
      "obstacles": .array(plan.obstacles.map { .string($0.text) }),
    ]
  }
  return .array(plans)
}

extension LayerPlan.Sums {
  fileprivate var name: String {
    switch self {
    case .differences(.halves): "16 bits"
    case .differences(.bytes): "8 bits"
    case .differences(.sevenBits): "7 bits"
    case .differences(.sevenBitsOrBytes): "7 or 8 bits"
    case .digits(let isWide): isWide ? "wide digits" : "digits"
    }
  }
}

extension Scaling {
  fileprivate var name: String {
    switch self {
    case .wide: "singly, 64 bits"
    case .narrow: "singly"
    case .pairs(.byte): "pairs to u8"
    case .pairs(.sevenBits): "pairs to 0...127"
    case .pairs(.positiveHalf): "pairs to 0...32767"
    case .pairs(.partOfByte): "pairs to part of u8"
    case .pairs(.partOfHalf): "pairs to part of i16"
    }
  }
}

extension LayerPlan.Obstacle {
  fileprivate var text: String {
    switch self {
    case .groups(let count): "\(count) groups: gathered tap by tap"
    case .dilation(let width): "dilation \(width): gathered tap by tap"
    case .rowBytes(let count): "rows of \(count) bytes: gathered byte by byte"
    case .tapBytes(let count): "taps of \(count) bytes: no blocks of 16"
    case .conversionRange: "conversion without shift or to signed numbers: one by one"
    case .halves: "16-bit patch: converted and scaled one by one"
    case .filterElement(let element): "filter element \(element) needs 8 bits"
    case .patchElement(let element): "patch elements to \(element) need 8 bits"
    case .padValue: "a pad value needs 8 bits"
    case .inputIsExamined: "each image's input is examined for bytes above 127"
    case .wideArithmetic: "64-bit arithmetic"
    case .wordOutput: "i32 output: scaled one by one"
    case .residualType: "output and residual not both i16: scaled one by one"
    }
  }
}
