/// Hardware, or a rule of counting, that costs are estimated for.
package struct Target: Sendable {
  /// How much of the hardware is modelled.
  package enum Kind: String, CaseIterable, Sendable {
    /// L0: operations alone.
    case paper
    /// L1: operations and the bytes that they move in an accelerator.
    case array
    /// L2: instructions of the kernels on a core.
    case core
  }

  /// How the energy of a cycle follows from the voltage.
  package enum Supply: String, CaseIterable, Sendable {
    /// A linear regulator: as the voltage.
    case ldo
    /// A switching one: not at all.
    case smps
  }

  package let name: String
  package let summary: String
  package let kind: Kind
  /// What energies count: `pJ`, or `relative` to one operation.
  package let energyUnit: String
  package let supply: Supply?
  /// The measured kernels of a core: a name, or the path of a file.
  package let kernels: String?
  package let constants: [String: Quantity]

  /// A constant that the kind requires.
  ///
  /// - Precondition: ``TargetConstant`` requires it for the kind, and the reader has checked it.
  func constant(_ name: String) -> Interval {
    guard let quantity = constants[name] else {
      preconditionFailure("\(self.name) has no constant \(name)")
    }
    return quantity.interval
  }

  /// The same part at another voltage.
  package func at(voltage: Double) -> Target {
    var constants = constants
    constants["voltage"] = Quantity(
      interval: Interval(voltage, low: voltage, high: voltage), unit: "V", source: "as asked for",
      quality: .definition)
    return Target(
      name: name, summary: summary, kind: kind, energyUnit: energyUnit, supply: supply,
      kernels: kernels, constants: constants)
  }

  func optional(_ name: String) -> Interval? { constants[name]?.interval }

  /// The energy in pJ of a power in mW: 1 mW · s = 10⁹ pJ.
  func picojoules(_ power: Interval, during seconds: Interval) -> Interval {
    power * seconds * 1e9
  }

  /// What no estimate on the target contains.
  package var notModelled: [String] {
    func unless(_ names: String..., otherwise text: String) -> String? {
      names.allSatisfy { constants[$0] != nil } ? nil : text
    }
    switch kind {
    case .paper:
      return [
        "memory: neither reads of weights and activations nor writes of results",
        "requantization, activation functions, sums of residuals; pools and batch norms unless "
          + "the target counts them",
        "instructions that address, load and branch; leakage",
      ]
    case .array:
      return [
        "control, clock tree and interconnect of the array",
        unless(
          "buffer_read_energy", "buffer_write_energy",
          otherwise: "memory on the chip, which both networks read"),
        unless("backing_energy", otherwise: "the memory behind the chip's"),
        unless("elements", "utilization", otherwise: "time"),
        unless("leakage_power", "clock", otherwise: "leakage"),
        unless(
          "buffer_bandwidth", "backing_bandwidth",
          otherwise: "waiting for bytes where the target gives no bandwidth"),
        unless("fill_cycles", otherwise: "filling and draining the array"),
      ].compactMap(\.self)
    case .core:
      return [
        "interrupts, peripherals and waking up; memories outside the chip",
        "caches and contention beyond the target's wait states",
        "how data decide about branches, but for the residuals of the kernels' formulas",
        unless("energy_per_cycle", otherwise: "energy"),
      ].compactMap(\.self)
    }
  }
}

/// A constant that targets of a kind have.
package struct TargetConstant: Sendable {
  package let name: String
  /// The unit in target files; `energy` stands for the target's energy unit.
  package let unit: String
  package let isRequired: Bool
  package let meaning: String
  /// Whether something is divided by it.
  package let isDivisor: Bool

  /// The constants without which it means nothing.
  package var needs: [String] {
    switch name {
    case "buffer_read_energy":
      ["buffer_write_energy", "buffer_bytes", "activation_reuse", "weight_reuse"]
    case "backing_energy": ["buffer_bytes"]
    case "buffer_bandwidth", "backing_bandwidth": ["buffer_read_energy", "elements"]
    case "elements", "fill_cycles": ["utilization"]
    case "utilization": ["elements"]
    case "leakage_power", "static_power", "idle_power": ["clock"]
    default: []
    }
  }

  private init(
    _ name: String, _ unit: String, _ isRequired: Bool, _ meaning: String, isDivisor: Bool = false
  ) {
    self.isDivisor = isDivisor
    self.name = name
    self.unit = unit
    self.isRequired = isRequired
    self.meaning = meaning
  }

  /// Those of a kind; those of a core's instruction classes are `cycles_CLASS` besides.
  package static func all(of kind: Target.Kind) -> [TargetConstant] {
    switch kind {
    case .paper:
      [
        .init("adds_per_absolute_difference", "count", true, "additions for |x - w| and its sum"),
        .init("add_energy", "energy", false, "one addition"),
        .init("multiply_energy", "energy", false, "one multiplication"),
        .init("add_cycles", "cycles", false, "one addition"),
        .init("multiply_cycles", "cycles", false, "one multiplication"),
        .init(
          "units_per_normalized_element", "count", false,
          "operations like those of a layer for each element of a batch norm"),
        .init(
          "units_per_pooled_element", "count", false,
          "operations like those of a layer for each element that a pool reads"),
      ]
    case .array:
      [
        .init("subtract_energy", "energy", true, "x - w"),
        .init("absolute_energy", "energy", true, "the absolute value of a difference"),
        .init("accumulate_energy", "energy", true, "adding to a sum", isDivisor: true),
        .init("multiply_energy", "energy", true, "a product of 8 bits"),
        .init("float_add_energy", "energy", false, "an addition of binary32"),
        .init("float_multiply_energy", "energy", false, "a product of binary32"),
        .init("buffer_read_energy", "energy/byte", false, "a byte read on the chip"),
        .init("buffer_write_energy", "energy/byte", false, "a byte written on the chip"),
        .init("buffer_bytes", "bytes", false, "memory on the chip"),
        .init("backing_energy", "energy/byte", false, "a byte moved to or from the chip"),
        .init(
          "activation_reuse", "count", false, "operations for each activation that is read",
          isDivisor: true),
        .init(
          "weight_reuse", "count", false, "operations for each weight that is read",
          isDivisor: true),
        .init(
          "buffer_bandwidth", "bytes/cycle", false, "bytes that the chip's memory moves",
          isDivisor: true),
        .init(
          "backing_bandwidth", "bytes/cycle", false, "bytes that move to or from the chip",
          isDivisor: true),
        .init("elements", "count", false, "processing elements", isDivisor: true),
        .init("utilization", "count", false, "the share of elements at work", isDivisor: true),
        .init("clock", "Hz", false, "cycles in a second", isDivisor: true),
        .init("fill_cycles", "cycles", false, "filling and draining the array, for each layer"),
        .init("leakage_power", "mW", false, "power beside that of operations and bytes"),
        .init("idle_power", "mW", false, "power between images"),
      ]
    case .core:
      [
        .init("clock", "Hz", false, "cycles in a second", isDivisor: true),
        .init("wait_cycles_per_instruction", "cycles", false, "waiting for the program's memory"),
        .init("cycles_multiply_accumulate", "cycles", false, "a convolution's product, all told"),
        .init("energy_per_cycle", "energy", false, "at the reference voltage"),
        .init("reference_voltage", "V", false, "at which the energy was measured", isDivisor: true),
        .init("voltage", "V", false, "at which the core runs"),
        .init("static_power", "mW", false, "power beside that of cycles"),
        .init("idle_power", "mW", false, "power between images"),
        .init("flash_bytes", "bytes", false, "memory for the program and the model"),
        .init("sram_bytes", "bytes", false, "memory for the arena and the stack"),
      ]
    }
  }
}
