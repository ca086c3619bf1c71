import ADBFormat

extension Interpreter {
  /// Adds two tensors of different scales: `y = clamp((p₁ + bias₁ + p₂ + bias₂) >> F)`. May run in
  /// place of either.
  @inline(never)
  func add(_ operation: Stored<Add>) {
    let requantizer = operation.requantizer
    if requantizer.wide {
      addWide(operation, requantizer)
    } else {
      addNarrow(operation, requantizer)
    }
  }

  private func addNarrow(_ operation: Stored<Add>, _ requantizer: Stored<Requantizer>) {
    let first = view(operation.first).elements
    let second = view(operation.second).elements
    let output = view(operation.output)
    let firstEntry = constants.entry(at: requantizer.tableOffset)
    let secondEntry = constants.entry(
      at: operation.secondTableOffset)
    let shift = Int32(requantizer.shift)
    let (lowest, highest) = (requantizer.outputMin, requantizer.outputMax)
    var index = 0
    while index < output.count {
      let p = FixedPoint.scaled(first[index] &- firstEntry.centre, by: firstEntry.terms)
      let q = FixedPoint.scaled(second[index] &- secondEntry.centre, by: secondEntry.terms)
      let v = (p &+ firstEntry.bias &+ q &+ secondEntry.bias) &>> shift
      output[index] = FixedPoint.clamp(v, lowest, highest)
      index &+= 1
    }
  }

  private func addWide(_ operation: Stored<Add>, _ requantizer: Stored<Requantizer>) {
    let first = view(operation.first).elements
    let second = view(operation.second).elements
    let output = view(operation.output)
    let firstEntry = constants.wideEntry(at: requantizer.tableOffset)
    let secondEntry = constants.wideEntry(at: operation.secondTableOffset)
    let shift = UInt32(requantizer.shift)
    let (lowest, highest) = (requantizer.outputMin, requantizer.outputMax)
    var index = 0
    while index < output.count {
      let t = FixedPoint.widened(first[index]) &- firstEntry.centre
      let u = FixedPoint.widened(second[index]) &- secondEntry.centre
      let p = FixedPoint.scaled(t, by: firstEntry.terms) &+ firstEntry.bias
      let q = FixedPoint.scaled(u, by: secondEntry.terms) &+ secondEntry.bias
      output[index] = FixedPoint.clamp(
        FixedPoint.shiftedRight(p &+ q, by: shift), lowest, highest)
      index &+= 1
    }
  }
}
