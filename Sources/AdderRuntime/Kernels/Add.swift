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
    var index = 0
    while index < output.count {
      output[index] = requantizer.finish(
        firstEntry.scaledOnce(FixedPoint.widened(first[index]))
          &+ secondEntry.scaledOnce(FixedPoint.widened(second[index])))
      index &+= 1
    }
  }
}

extension Stored<WideChannelEntry> {
  /// `p + bias` of a sum.
  @inline(__always)
  func scaled(_ sum: Int64) -> Int64 {
    FixedPoint.scaled(sum &- self.centreHalves.integer, by: self.terms.value)
      &+ self.biasHalves.integer
  }

  /// The same in one copy.
  @inline(never)
  fileprivate func scaledOnce(_ sum: Int64) -> Int64 { scaled(sum) }
}

extension Stored<Requantizer> {
  /// What the shift and the clamp make of 64 bits.
  @inline(never)
  func finish(_ sum: Int64) -> Int32 {
    FixedPoint.clamp(
      FixedPoint.shiftedRight(sum, by: UInt32(self.shift)), self.outputMin, self.outputMax)
  }
}
