/// What a network costs on a target, and the same network with multiplications.
package struct Estimate: Sendable {
  /// What filters compute with.
  package enum Arithmetic: String, CaseIterable, Sendable {
    /// As the network says.
    case adder
    /// Products of the target's only kind in all layers with filters.
    case product
    /// Products of 8 bits in all layers with filters.
    case int8
    /// Products of binary32 in all layers with filters.
    case fp32
  }

  package let target: Target
  package let network: CostNetwork
  /// One for each layer.
  package let layers: [Cost]
  /// Of all layers, and of waiting for the next image if that was asked for.
  package private(set) var total: Cost
  /// The same shapes, dataflow and memories with multiplications, where the target tells.
  package private(set) var cnn: [(arithmetic: Arithmetic, layers: [Cost], total: Cost)]
  /// Why the two are not further apart in energy, and in cycles.
  package var reason = (energy: "", cycles: "")
  /// Energy of the CNN over that of the adder network, by operations for each operand read.
  package var ratios: [(reuse: Int, ratio: Interval)] = []
  /// Constants beside those of the target, such as residuals of fits.
  package var moreConstants: [(name: String, quantity: Quantity)] = []

  init(
    _ target: Target, _ network: CostNetwork, arithmetics: [Arithmetic],
    cost: (_ index: Int, CostLayer, Arithmetic) -> Cost
  ) {
    self.target = target
    self.network = network
    layers = network.layers.enumerated().map { cost($0, $1, .adder) }
    total = Cost.sum(layers)
    cnn = arithmetics.map { arithmetic in
      let costs = network.layers.enumerated().map { cost($0, $1, arithmetic) }
      return (arithmetic, costs, Cost.sum(costs))
    }
  }

  /// Seconds, where cycles and a clock are known.
  package var seconds: Interval? { seconds(of: total) }

  package func seconds(of cost: Cost) -> Interval? {
    guard let cycles = cost.cycles, let clock = target.constants["clock"] else { return nil }
    return cycles / clock.interval
  }

  /// A CNN's cost over the adder network's.
  ///
  /// Bounds of an array or a paper rule are of both at their low constants and both at their high
  /// ones, since one technology moves both. On a core the instructions of both are independent, and
  /// the energy of a cycle is the same.
  package func ratio(of cnn: Cost) -> (energy: Interval?, cycles: Interval?) {
    func ratio(_ path: KeyPath<Cost, Interval?>) -> Interval? {
      guard let adder = total[keyPath: path], let cnn = cnn[keyPath: path], adder.low > 0 else {
        return nil
      }
      if target.kind == .core { return cnn / adder }
      let ratios = [cnn.value / adder.value, cnn.low / adder.low, cnn.high / adder.high]
      return Interval(
        ratios[0], low: ratios.min() ?? ratios[0], high: ratios.max() ?? ratios[0])
    }
    let cycles = ratio(\.cycles)
    let isOfCyclesAlone = target.kind == .core && !total.parts.contains { $0.cause == .idle }
    guard isOfCyclesAlone else { return (ratio(\.energy), cycles) }
    return (total.energy == nil ? nil : cycles, cycles)
  }

  /// Adds the energy of waiting for the next image, `idle_power · max(0, period − T)`, to the totals.
  ///
  /// - Parameter period: Seconds from image to image.
  /// - Returns: Whether the target tells its power between images.
  package mutating func addIdle(period: Double) -> Bool {
    guard let power = target.optional("idle_power"), seconds != nil else { return false }
    func addingIdle(_ total: Cost) -> Cost {
      guard let seconds = seconds(of: total) else { return total }
      let idle = Interval(
        max(0, period - seconds.value), low: max(0, period - seconds.high),
        high: max(0, period - seconds.low))
      return Cost(
        total.parts + [
          .init(.idle, cycles: .zero, energy: target.picojoules(power, during: idle))
        ])
    }
    total = addingIdle(total)
    cnn = cnn.map { ($0.arithmetic, $0.layers, addingIdle($0.total)) }
    return true
  }

  /// What the estimate rests upon, by name.
  package var constants: [(name: String, quantity: Quantity)] {
    target.constants.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + moreConstants
  }

  /// What is left out.
  package var notModelled: [String] {
    var left = target.notModelled
    if network.makesBoxes { left.append("making boxes of the outputs") }
    let isIdleCounted = total.parts.contains { $0.cause == .idle }
    if target.kind != .paper, !isIdleCounted { left.append("the time between images") }
    return left
  }

  /// A plain sentence for each comparison that the adder network does not win by 3 % or more.
  package var verdicts: [String] {
    cnn.flatMap { other -> [String] in
      func verdict(_ path: KeyPath<Cost, Interval?>) -> String? {
        guard let adder = total[keyPath: path], let cnn = other.total[keyPath: path],
          cnn.value > 0, adder.value > 0.97 * cnn.value
        else { return nil }
        return adder.value > 1.03 * cnn.value ? "worse than" : "no better than"
      }
      func sentence(_ how: String, _ quantities: String, _ reason: String) -> String {
        "on \(target.name) the adder network is \(how) the \(other.arithmetic.text) in "
          + "\(quantities): \(reason)"
      }
      let (energy, cycles) = (verdict(\.energy), verdict(\.cycles))
      if let energy, energy == cycles, reason.energy == reason.cycles {
        return [sentence(energy, "energy and cycles", reason.energy)]
      }
      return [
        energy.map { sentence($0, "energy", reason.energy) },
        cycles.map { sentence($0, "cycles", reason.cycles) },
      ].compactMap { $0 }
    }
  }
}

extension Estimate.Arithmetic {
  package var text: String {
    switch self {
    case .adder: "adder network"
    case .product: "CNN"
    case .int8: "int8 CNN"
    case .fp32: "fp32 CNN"
    }
  }

  package var withArticle: String { (self == .product ? "a " : "an ") + text }
}

extension Estimate {
  /// Estimates a network on a target.
  ///
  /// - Parameters:
  ///   - network: The network as it runs on a class of kernels, or with shapes alone.
  ///   - kernels: What a core's kernels cost.
  /// - Throws: `usage` for a graph with shapes alone on a core, and what `kernels` throws.
  package static func make(
    _ network: (KernelCosts?) -> CostNetwork, on target: Target,
    kernels: (String) throws(CostError) -> KernelCosts
  ) throws(CostError) -> Estimate {
    switch target.kind {
    case .paper: return Estimate(paper: target, network(nil))
    case .array: return Estimate(array: target, network(nil))
    case .core:
      let shapes = network(nil)
      guard shapes.isCompiled else {
        throw CostError(
          .usage,
          [
            "\(shapes.name): has shapes alone, expected an .adb model, as kernels depend on widths "
              + "and terms; compile it, or take a target of kind paper or array"
          ])
      }
      let name = target.kernels ?? ""
      let costs = try kernels(name)
      return try Estimate(core: target, network(costs), costs)
    }
  }
}
