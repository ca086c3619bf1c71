import AdderText

extension Estimate {
  /// L1: operations, and the bytes that they move through a buffer and from the memory behind it.
  ///
  /// Each operand is read from the buffer once for `activation_reuse` or `weight_reuse` operations;
  /// sums stay in place. Weights come from behind the buffer once; activations do where a layer's
  /// do not fit.
  init(array target: Target, _ network: CostNetwork) {
    let hasFloat = target.constants["float_multiply_energy"] != nil
    self.init(
      target, network, arithmetics: hasFloat ? [.int8, .fp32] : [.int8]
    ) { _, layer, arithmetic in
      let elementBytes = arithmetic == .fp32 ? 4 : 1
      let movement = target.movement(of: layer, elementBytes: elementBytes, arithmetic)
      let energy = target.arithmeticEnergy(of: layer.work, arithmetic) + movement
      guard let elements = target.optional("elements"),
        let utilization = target.optional("utilization")
      else { return Cost(cycles: nil, energy: energy) }
      let operations = max(layer.work.taps, layer.work.pooledElements)
      let cycles = Interval(exactly: operations) / (elements * utilization)
      guard let leakage = target.optional("leakage_power"), let clock = target.optional("clock")
      else { return Cost(cycles: cycles, energy: energy) }
      // mW · s = 10⁹ pJ.
      return Cost(cycles: cycles, energy: energy + cycles / clock * leakage * 1e9)
    }
    let movement = network.layers.map { target.movement(of: $0, elementBytes: 1, .adder) }.sum()
    if let energy = total.energy, energy.value > 0 {
      let share = percent(movement.value / energy.value)
      reason.energy =
        "moving operands takes \(share) of its energy, which a cheaper operation does not change"
    }
    reason.cycles = "an element does one absolute difference or one product in a cycle"
    ratios = [1, 4, 16, 64, 256].map { ($0, target.ratio(reuse: $0)) }
  }
}

extension Target {
  private func count(_ count: Int) -> Interval { Interval(exactly: count) }

  fileprivate func arithmeticEnergy(
    of work: CostLayer.Work, _ arithmetic: Estimate.Arithmetic
  ) -> Interval {
    let accumulate = constant("accumulate_energy")
    // What both networks do beside their filters.
    let shared = count(work.residualElements + work.pooledElements) * accumulate
    let product: Interval
    switch arithmetic {
    case .adder:
      let difference = constant("subtract_energy") + constant("absolute_energy") + accumulate
      let filters =
        count(work.absoluteDifferences) * difference
        + count(work.multiplyAccumulates) * (constant("multiply_energy") + accumulate)
      return filters + count(work.digits + work.planes + work.terms) * accumulate + shared
    case .int8, .product: product = constant("multiply_energy") + accumulate
    case .fp32: product = constant("float_multiply_energy") + constant("float_add_energy")
    }
    return count(work.taps) * product + count(work.terms) * accumulate + shared
  }

  fileprivate func movement(
    of layer: CostLayer, elementBytes: Int, _ arithmetic: Estimate.Arithmetic
  ) -> Interval {
    let bytes = count(elementBytes)
    // No activation is read for more filters than there are, no weight for more positions.
    let activationReuse = constant("activation_reuse").capped(
      at: layer.outputShape.channels / layer.groups)
    let weightReuse = constant("weight_reuse").capped(at: layer.positionCount)
    let taps = count(layer.work.taps) * bytes
    var reads = taps / activationReuse + taps / weightReuse
    if arithmetic == .adder, layer.kind == .convolution, layer.work.digits > 0 {
      // Each signed digit reads a tap, and the tap's index of two bytes.
      reads =
        count(layer.work.digits) / activationReuse + count(2 * layer.work.digits) / weightReuse
    }
    if layer.kind == .other { reads = count(layer.traffic.inputs) * bytes }
    let writes = count(layer.traffic.outputs) * bytes
    let activations = (layer.traffic.inputs + layer.traffic.outputs) * elementBytes
    let spilt = Double(activations) > constant("buffer_bytes").value ? activations : 0
    let behind = count(spilt) + count(layer.traffic.weights) * bytes
    return reads * constant("buffer_read_energy") + writes * constant("buffer_write_energy")
      + behind * constant("backing_energy")
  }

  /// `(e_mul + e_acc + m) / (e_sub + e_abs + e_acc + m)` with the operands' movement
  /// `m = 2·e_read / reuse`, of two operands of 8 bits.
  package func ratio(reuse: Int) -> Interval {
    func ratio(_ pick: (Interval) -> Double, absolute: Double) -> Double {
      let rest =
        pick(constant("accumulate_energy")) + 2 * pick(constant("buffer_read_energy"))
        / Double(reuse)
      return (pick(constant("multiply_energy")) + rest)
        / (pick(constant("subtract_energy")) + absolute + rest)
    }
    let absolute = constant("absolute_energy")
    let value = ratio(\.value, absolute: absolute.value)
    // One technology moves all energies together; what is uncertain is the absolute value.
    let bounds = [
      ratio(\.value, absolute: absolute.low), ratio(\.value, absolute: absolute.high), value,
    ]
    return Interval(value, low: bounds.min() ?? value, high: bounds.max() ?? value)
  }
}
