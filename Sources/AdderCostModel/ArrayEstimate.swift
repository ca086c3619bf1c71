import AdderText

extension Estimate {
  /// L1: operations, and the bytes that they move through a buffer and from the memory behind it.
  ///
  /// Each operand is read from the buffer once for `activation_reuse` or `weight_reuse` operations;
  /// sums stay in place. Weights come from behind the buffer once; activations do where a layer's
  /// do not fit. A layer takes as long as its elements or its bytes, whichever takes longer.
  init(array target: Target, _ network: CostNetwork) {
    let hasFloat = target.constants["float_multiply_energy"] != nil
    self.init(
      target, network, arithmetics: hasFloat ? [.int8, .fp32] : [.int8]
    ) { _, layer, arithmetic in
      target.cost(of: layer, arithmetic)
    }
    let moved = total.parts.filter { $0.cause == .buffer || $0.cause == .backing }
    if let energy = total.energy, energy.value > 0 {
      let share = percent(moved.compactMap(\.energy).sum().value / energy.value)
      reason.energy =
        "moving operands takes \(share) of its energy, which a cheaper operation does not change"
    }
    reason.cycles = "an element does one absolute difference or one product in a cycle"
    if target.constants["buffer_read_energy"] != nil {
      ratios = [1, 4, 16, 64, 256].map { ($0, target.ratio(reuse: $0)) }
    }
  }
}

/// Bytes that a layer moves in an array.
private struct Movement {
  var reads = Interval.zero
  var writes = Interval.zero
  /// To and from the memory behind the chip's.
  var behind = Interval.zero
}

extension Target {
  private func count(_ count: Int) -> Interval { Interval(exactly: count) }

  fileprivate func cost(of layer: CostLayer, _ arithmetic: Estimate.Arithmetic) -> Cost {
    let movement = movement(of: layer, arithmetic)
    var energies = arithmeticEnergies(of: layer.work, arithmetic)
    if let read = optional("buffer_read_energy"), let write = optional("buffer_write_energy") {
      energies.append((.buffer, movement.reads * read + movement.writes * write))
    }
    if let backing = optional("backing_energy") {
      energies.append((.backing, movement.behind * backing))
    }
    guard let elements = optional("elements"), let utilization = optional("utilization") else {
      return Cost(energies.map { Cost.Part($0.cause, cycles: nil, energy: $0.energy) })
    }
    // The layer's cycles stand at what bounds it.
    let operations = max(layer.work.operations(arithmetic), layer.work.pooledElements)
    let busiest: Cost.Cause =
      layer.kind == .other
      ? .others
      : layer.kind == .adder && arithmetic == .adder
        ? .differences : .products
    var (bound, cycles) = (busiest, count(operations) / (elements * utilization))
    for (cause, bytes, name) in [
      (Cost.Cause.buffer, movement.reads + movement.writes, "buffer_bandwidth"),
      (.backing, movement.behind, "backing_bandwidth"),
    ] {
      guard let bandwidth = optional(name) else { continue }
      let moving = bytes / bandwidth
      if moving.value > cycles.value { bound = cause }
      cycles = cycles.maximum(moving)
    }
    var parts = energies.map { Cost.Part($0.cause, cycles: .zero, energy: $0.energy) }
    parts.append(Cost.Part(bound, cycles: cycles, energy: .zero))
    if operations > 0, let filling = optional("fill_cycles") {
      parts.append(Cost.Part(.filling, cycles: filling, energy: .zero))
      cycles = cycles + filling
    }
    if let leakage = optional("leakage_power"), let clock = optional("clock") {
      parts.append(
        Cost.Part(
          .leakage, cycles: .zero, energy: picojoules(leakage, during: cycles / clock)))
    }
    return Cost(parts)
  }

  private func arithmeticEnergies(
    of work: CostLayer.Work, _ arithmetic: Estimate.Arithmetic
  ) -> [(cause: Cost.Cause, energy: Interval)] {
    let accumulate = constant("accumulate_energy")
    let product = constant("multiply_energy") + accumulate
    // What both networks do beside their filters.
    let shared: [(cause: Cost.Cause, energy: Interval)] = [
      (.requantization, count(work.terms) * accumulate),
      (.others, count(work.residualElements + work.pooledElements) * accumulate),
    ]
    switch arithmetic {
    case .adder:
      let difference = constant("subtract_energy") + constant("absolute_energy") + accumulate
      return [
        (.differences, count(work.absoluteDifferences) * difference),
        (
          .products,
          count(work.multiplyAccumulates) * product + count(work.digits + work.planes) * accumulate
        ),
      ] + shared
    case .int8, .product: return [(.products, count(work.taps) * product)] + shared
    case .fp32:
      let product = constant("float_multiply_energy") + constant("float_add_energy")
      return [(.products, count(work.taps) * product)] + shared
    }
  }

  private func movement(of layer: CostLayer, _ arithmetic: Estimate.Arithmetic) -> Movement {
    let elementBytes = arithmetic == .fp32 ? 4 : 1
    var movement = Movement(writes: count(layer.traffic.outputs * elementBytes))
    if layer.kind == .other {
      movement.reads = count(layer.traffic.inputs * elementBytes)
    } else if let activation = optional("activation_reuse"), let weight = optional("weight_reuse") {
      // No activation is read for more filters than there are, no weight for more positions.
      let activationReuse = activation.capped(at: layer.outputShape.channels / layer.groups)
      let weightReuse = weight.capped(at: layer.positionCount)
      if arithmetic == .adder, layer.kind == .convolution, layer.work.digits > 0 {
        // Each signed digit reads a tap, and the tap's index of two bytes.
        let digits = layer.work.digits
        movement.reads = count(digits) / activationReuse + count(2 * digits) / weightReuse
      } else {
        let taps = count(layer.work.taps * elementBytes)
        movement.reads = taps / activationReuse + taps / weightReuse
      }
    }
    if let buffer = optional("buffer_bytes") {
      movement.behind = bytesBehind(
        weights: layer.traffic.weights * elementBytes,
        activations: (layer.traffic.inputs + layer.traffic.outputs) * elementBytes,
        buffer: buffer.value)
    }
    return movement
  }

  /// Weights cross once, and activations if they do not fit into the buffer; where neither fits, one
  /// of them as often as parts of the other do, whichever is less.
  private func bytesBehind(weights: Int, activations: Int, buffer: Double) -> Interval {
    func parts(_ byteCount: Int) -> Double {
      max(1, (Double(byteCount) / max(1, buffer)).rounded(.up))
    }
    let (w, a) = (Double(weights), Double(activations))
    let bytes = a <= buffer ? w : min(w * parts(activations) + a, w + a * parts(weights))
    return Interval(bytes, low: bytes, high: bytes)
  }

  /// `(e_mul + e_acc + m) / (e_sub + e_abs + e_acc + m)` with the operands' movement
  /// `m = 2·e_read / reuse`, of two operands of 8 bits.
  fileprivate func ratio(reuse: Int) -> Interval {
    func ratio(absolute: Double) -> Double {
      let read = optional("buffer_read_energy")?.value ?? 0
      let rest = constant("accumulate_energy").value + 2 * read / Double(reuse)
      return (constant("multiply_energy").value + rest)
        / (constant("subtract_energy").value + absolute + rest)
    }
    let absolute = constant("absolute_energy")
    let value = ratio(absolute: absolute.value)
    // One technology moves all energies together; what is uncertain is the absolute value.
    let bounds = [ratio(absolute: absolute.low), ratio(absolute: absolute.high), value]
    return Interval(value, low: bounds.min() ?? value, high: bounds.max() ?? value)
  }
}

extension CostLayer.Work {
  /// What an array's elements do one by one.
  fileprivate func operations(_ arithmetic: Estimate.Arithmetic) -> Int {
    arithmetic == .adder
      ? absoluteDifferences + multiplyAccumulates + digits + planes : taps
  }
}
