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
      var adds = Interval.zero
      var products = Interval.zero
      if arithmetic == .adder {
        adds =
          (Interval(exactly: work.absoluteDifferences) + others) * perDifference
          + Interval(exactly: work.multiplyAccumulates) + Interval(exactly: work.digits)
        products = Interval(exactly: work.multiplyAccumulates)
      } else {
        products = Interval(exactly: work.taps) + others
        adds = products
      }
      func cost(_ unit: String) -> Interval? {
        guard let add = target.optional("add_\(unit)"),
          let multiply = target.optional("multiply_\(unit)")
        else { return nil }
        return adds * add + products * multiply
      }
      return Cost(cycles: cost("cycles"), energy: cost("energy"))
    }
    let perDifference = significant(target.constant("adds_per_absolute_difference").value, 3)
    let why =
      "an absolute difference counts as \(perDifference) additions, a product as a multiplication "
      + "and an addition"
    reason = (why, why)
  }
}
