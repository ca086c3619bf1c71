/// One row of a requantizer's channel table, in 32-bit arithmetic.
package struct ChannelEntry: StoredRecord {
  package var centre: Int32 = 0
  package var bias: Int32 = 0
  package var terms = ScaleTerms()

  package init() {}

  package init(centre: Int32, bias: Int32, terms: ScaleTerms) {
    self.centre = centre
    self.bias = bias
    self.terms = terms
  }
}

/// One row of a requantizer's channel table, in 64-bit arithmetic.
package struct WideChannelEntry: StoredRecord {
  package var centreHalves = WideInteger()
  package var biasHalves = WideInteger()
  package var terms = ScaleTerms()

  package init() {}

  package init(centre: Int64, bias: Int64, terms: ScaleTerms) {
    centreHalves = WideInteger(centre)
    biasHalves = WideInteger(bias)
    self.terms = terms
  }

  package var centre: Int64 { centreHalves.value }
  package var bias: Int64 { biasHalves.value }
}

/// A signed number of 64 bits at a multiple of 4.
package struct WideInteger: StoredRecord {
  package var low: UInt32 = 0
  package var high: UInt32 = 0

  package init() {}

  package init(_ value: Int64) {
    let bits = UInt64(bitPattern: value)
    low = UInt32(truncatingIfNeeded: bits)
    high = UInt32(truncatingIfNeeded: FixedPoint.shiftedRight(value, by: 32))
  }

  package var value: Int64 { Int64(bitPattern: FixedPoint.word(low: low, high: high)) }
}

extension Stored<WideInteger> {
  package var integer: Int64 {
    Int64(bitPattern: FixedPoint.word(low: self.low, high: self.high))
  }
}
