import AdderText

extension Estimate {
  /// L0: the sum of each kind of operation times what one costs.
  ///
  /// Filters alone count, and batch norms and pools where the target says how.
  init(paper target: Target, _ network: CostNetwork) {
    self.init(target, network, arithmetics: [.product]) { _, layer, arithmetic in
      let work = layer.work
      let others =
        Interval(exactly: work.normalizedElements)
        * (target.optional("units_per_normalized_element") ?? .zero)
        + Interval(exactly: work.pooledElements)
        * (target.optional("units_per_pooled_element") ?? .zero)
      let perDifference = target.constant("adds_per_absolute_difference")
      let differences = Interval(exactly: work.absoluteDifferences) * perDifference
      let products = Interval(exactly: work.multiplyAccumulates)
      let additions = products + Interval(exactly: work.digits)
      let taps = Interval(exactly: work.taps)
      func cost(_ unit: String, adds: Interval, products: Interval) -> Interval? {
        guard let add = target.optional("add_\(unit)"),
          let multiply = target.optional("multiply_\(unit)")
        else { return nil }
        return adds * add + products * multiply
      }
      func part(_ cause: Cost.Cause, adds: Interval, products: Interval) -> Cost.Part {
        Cost.Part(
          cause, cycles: cost("cycles", adds: adds, products: products),
          energy: cost("energy", adds: adds, products: products))
      }
      guard arithmetic == .adder else {
        return Cost([
          part(.products, adds: taps, products: taps),
          part(.others, adds: others, products: others),
        ])
      }
      return Cost([
        part(.differences, adds: differences, products: .zero),
        part(.products, adds: additions, products: products),
        part(.others, adds: others * perDifference, products: .zero),
      ])
    }
    let perDifference = significant(target.constant("adds_per_absolute_difference").value, 3)
    let why =
      "an absolute difference counts as \(perDifference) additions, a product as a multiplication "
      + "and an addition"
    reason = (why, why)
  }
}
