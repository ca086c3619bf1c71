import AdderCostModel
import AdderText

extension EstimateReport {
  /// The report as docs/estimate.schema.json describes it.
  func json() -> JSONValue {
    let network = network
    return .document(
      schema: "adder-estimate-1",
      [
        .init("file", .string(file)), .init("network", .string(network.name)),
        .init("compiled", .bool(network.isCompiled)),
        .init("memory", .array(network.memory.map(memory))),
        .init("work", work(network.work)), .init("traffic_bytes", traffic(network.traffic)),
        .init("targets", .array(estimates.map(target))),
      ] + joined)
  }

  /// What other programs found, where it was named.
  private var joined: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let verified {
      members.append(
        .init(
          "accuracy",
          [
            "file": .string(verified.file), "images": .integer(verified.imageCount),
            "agreement_percent": .number(verified.agreementPercent),
            "rmse": .number(verified.rootMeanSquareError),
            "top1_float": verified.top1.map { .integer($0.float) } ?? nil,
            "top1_integer": verified.top1.map { .integer($0.integer) } ?? nil,
          ]))
    }
    if let measured {
      members.append(
        .init(
          "measured",
          [
            "file": .string(measured.file), "seconds": .number(measured.total),
            "layer_seconds": .array(measured.seconds.map { .number($0) }),
          ]))
    }
    return members
  }

  private func memory(_ memory: CostNetwork.Memory) -> JSONValue {
    let parts = memory.parts.map { part -> JSONValue in
      ["name": .string(part.name), "bytes": .integer(part.byteCount)]
    }
    return [
      "name": .string(memory.name), "bytes": .integer(memory.byteCount), "parts": .array(parts),
    ]
  }

  private func work(_ work: CostLayer.Work) -> JSONValue {
    .object(
      CostLayer.Work.kinds.map { .init($0.name, .integer(work[keyPath: $0.path])) })
  }

  private func traffic(_ traffic: CostLayer.Traffic) -> JSONValue {
    [
      "weights": .integer(traffic.weights), "inputs": .integer(traffic.inputs),
      "outputs": .integer(traffic.outputs), "patches": .integer(traffic.patches),
    ]
  }

  private func target(_ estimate: Estimate) -> JSONValue {
    let target = estimate.target
    let layers = zip(estimate.network.layers, estimate.layers).map { layer, cost in
      JSONValue.object(
        [
          .init("name", .string(layer.name)), .init("operation", .string(layer.operation)),
          .init("work", work(layer.work)),
        ] + members(cost, target))
    }
    let others =
      !comparesCNN
      ? []
      : estimate.cnn.map { other in
        JSONValue.object(
          [.init("arithmetic", .string(other.arithmetic.rawValue))] + members(other.total, target)
            + ratioMembers(estimate, other.total)
            + [
              .init(
                "layers",
                .array(
                  zip(estimate.network.layers, other.layers).map { layer, cost in
                    .object([.init("name", .string(layer.name))] + members(cost, target))
                  }))
            ])
      }
    let causes = estimate.total.parts.filter(\.isSomething).map { part in
      JSONValue.object(
        [.init("cause", .string(part.cause.rawValue))] + members(part, target))
    }
    let ratios = estimate.ratios.map { ratio -> JSONValue in
      ["operand_reuse": .integer(ratio.reuse), "cnn_energy_ratio": json(ratio.ratio)]
    }
    return .object(
      [
        .init("name", .string(target.name)), .init("kind", .string(target.kind.rawValue)),
        .init("summary", .string(target.summary)),
      ] + members(estimate.total, target)
        + [
          .init("seconds", estimate.seconds.map(json) ?? nil),
          .init("causes", .array(causes)), .init("layers", .array(layers)),
          .init("cnn", .array(others)),
          .init("verdicts", .array(comparesCNN ? estimate.verdicts.map { .string($0) } : [])),
          .init("reuse_ratios", .array(ratios)),
          .init("constants", .array(estimate.constants.map { adderc.json($0.name, $0.quantity) })),
          .init("not_modelled", .array(estimate.notModelled.map { .string($0) })),
        ])
  }

  /// A CNN's cost over the adder network's.
  private func ratioMembers(_ estimate: Estimate, _ cnn: Cost) -> [JSONValue.Member] {
    let ratio = estimate.ratio(of: cnn)
    return [
      .init("cycles_ratio", ratio.cycles.map(json) ?? nil),
      .init("energy_ratio", ratio.energy.map(json) ?? nil),
    ]
  }

  private func members(_ cost: Cost, _ target: Target) -> [JSONValue.Member] {
    members(cost.cycles, cost.energy, target)
  }

  private func members(_ part: Cost.Part, _ target: Target) -> [JSONValue.Member] {
    members(part.cycles, part.energy, target)
  }

  /// Cycles and energy, null where the target does not tell.
  private func members(
    _ cycles: Interval?, _ energy: Interval?, _ target: Target
  ) -> [JSONValue.Member] {
    let isAbsolute = target.energyUnit == "pJ"
    return [
      .init("cycles", cycles.map(json) ?? nil),
      .init("energy_joules", isAbsolute ? energy.map { json($0 * 1e-12) } ?? nil : nil),
    ] + (isAbsolute ? [] : [.init("energy_relative", energy.map(json) ?? nil)])
  }

  private func json(_ interval: Interval) -> JSONValue {
    [
      "value": .number(interval.value), "low": .number(interval.low),
      "high": .number(interval.high),
    ]
  }
}

/// A constant with its bounds and source.
func json(_ name: String, _ quantity: Quantity) -> JSONValue {
  [
    "name": .string(name), "value": .number(quantity.interval.value),
    "low": .number(quantity.interval.low), "high": .number(quantity.interval.high),
    "unit": .string(quantity.unit), "source": .string(quantity.source),
    "quality": .string(quantity.quality.rawValue),
  ]
}
