/// What makes random choices, always the same ones of a seed.
package protocol RandomChoices {
  var random: SplitMix64 { get set }
}

extension RandomChoices {
  package mutating func pick<Element>(_ values: [Element]) -> Element {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  package mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  /// True once in so many times.
  package mutating func chance(_ oneIn: Int) -> Bool { pick(1...oneIn) == 1 }
}
