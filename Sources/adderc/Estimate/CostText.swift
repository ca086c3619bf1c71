import AdderCostModel
import AdderText

/// A quantity as text in one unit, such as `3.09`, `2.92...3.41` and `mJ`.
struct IntervalText {
  let value: String
  /// Empty where the quantity is exact.
  let bounds: String
  let unit: String

  /// - Parameters:
  ///   - factor: What makes the interval one in `unit`.
  ///   - unit: Gets a prefix that suits the value, from p to G; one that begins with a space keeps
  ///     apart from it.
  init(_ interval: Interval, unit: String, factor: Double = 1) {
    let prefixes = [
      (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"),
      (1e-12, "p"),
    ]
    let size = (interval.value > 0 ? interval.value : interval.high) * factor
    let (scale, prefix) =
      size == 0 ? (1, "") : prefixes.first { size >= 0.9995 * $0.0 } ?? (1e-12, "p")
    let name = prefix + unit
    self.init(interval, scale: factor / scale, unit: String(name.trimmingPrefix(" ")))
  }

  /// A ratio, which has no unit and no prefix.
  init(ratio: Interval) { self.init(ratio, scale: 1, unit: "") }

  private init(_ interval: Interval, scale: Double, unit: String) {
    value = Self.plain(interval.value * scale)
    bounds =
      interval.low == interval.high
      ? "" : "\(Self.plain(interval.low * scale))...\(Self.plain(interval.high * scale))"
    self.unit = unit
  }

  /// A time that was measured.
  init(seconds: Double) {
    self.init(Interval(seconds, low: seconds, high: seconds), unit: "s")
  }

  /// Of at most four digits, without an exponent where none is needed.
  private static func plain(_ value: Double) -> String {
    value >= 1000 && value < 1e9 ? grouped(Int(value.rounded())) : significant(value, 4)
  }

  /// `3.09 mJ (2.92...3.41)`
  var text: String {
    let number = unit.isEmpty ? value : "\(value) \(unit)"
    return bounds.isEmpty ? number : "\(number) (\(bounds))"
  }
}

extension Cost.Part {
  /// Whether there is anything to show.
  var isSomething: Bool { (cycles?.high ?? 0) + (energy?.high ?? 0) > 0 }
}

extension Cost {
  var isSomething: Bool { parts.contains(where: \.isSomething) }

  var cyclesText: IntervalText? { cycles.map { IntervalText($0, unit: "") } }

  func energyText(on target: Target) -> IntervalText? {
    energy.map { target.energyText($0) }
  }
}

extension CostNetwork {
  /// What is done for an image, each kind of work that there is.
  var workText: String {
    let work = work
    return CostLayer.Work.kinds.compactMap { kind -> String? in
      let count = work[keyPath: kind.path]
      return count == 0 ? nil : "\(grouped(count)) \(kind.name.replacing("_", with: " "))"
    }.joined(separator: ", ")
  }
}

extension Quantity {
  var valueText: String { plain(interval.value) }
  var boundsText: String { "\(plain(interval.low))...\(plain(interval.high))" }

  private func plain(_ value: Double) -> String {
    Int(exactly: value).map(grouped) ?? significant(value, 6)
  }
}

extension Target {
  /// The bytes that the target has for a memory of the network, if it tells.
  func capacity(for memory: CostNetwork.Memory) -> Int? {
    ["flash": "flash_bytes", "arena": "sram_bytes"][memory.name].flatMap {
      constants[$0].flatMap { Int(exactly: $0.interval.value.rounded()) }
    }
  }

  func energyText(_ energy: Interval) -> IntervalText {
    energyUnit == "pJ"
      ? IntervalText(energy, unit: "J", factor: 1e-12) : IntervalText(energy, unit: " relative")
  }
}

extension Estimate {
  func timeText(of cost: Cost) -> IntervalText? {
    seconds(of: cost).map { IntervalText($0, unit: "s") }
  }
}

extension Cost.Cause {
  /// What charts and tables call it.
  var text: String {
    switch self {
    case .differences: "absolute differences"
    case .products: "products, signed digits"
    case .requantization: "requantization"
    case .gathering: "gathering patches"
    case .others: "other operations"
    case .loops: "loops and calls"
    case .waiting: "waiting for program memory"
    case .buffer: "memory on the chip"
    case .backing: "memory behind the chip"
    case .filling: "filling the array"
    case .leakage: "static power"
    case .idle: "between images"
    }
  }
}

extension Target.Kind {
  /// The level of the model.
  var level: String {
    switch self {
    case .paper: "L0, operations alone"
    case .array: "L1, operations and the bytes that they move"
    case .core: "L2, instructions of the kernels"
    }
  }
}
