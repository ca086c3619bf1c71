import AdderCompiler
import AdderTestSupport
import Testing

@Suite struct SignedDigitsTests {
  private func value(_ digits: [SignedDigit]) -> Int {
    digits.reduce(0) { $0 + ($1.isNegative ? -1 : 1) << $1.shift }
  }

  private func expectCanonical(_ number: Int) {
    let digits = canonicalSignedDigits(number)
    if abs(number) < 1 << 60 { #expect(signedDigitCount(number) == digits.count) }
    #expect(value(digits) == number)
    for (a, b) in zip(digits, digits.dropFirst()) { #expect(b.shift >= a.shift + 2) }
  }

  @Test func `digits add up and never neighbour each other`() {
    for number in -5000...5000 { expectCanonical(number) }
    var random = SplitMix64(seed: 3)
    for _ in 0..<2000 { expectCanonical(Int(Int32.random(in: .min ... .max, using: &random))) }
    for number in [Int(Int32.min), Int(Int32.max), 1 << 62, -(1 << 62), (1 << 61) - 1] {
      expectCanonical(number)
    }
  }

  @Test func `zero has no digits and powers of two have one`() {
    #expect(canonicalSignedDigits(0).isEmpty)
    #expect(canonicalSignedDigits(-64) == [SignedDigit(shift: 6, isNegative: true)])
    #expect(
      canonicalSignedDigits(7) == [
        SignedDigit(shift: 0, isNegative: true), SignedDigit(shift: 3, isNegative: false),
      ])
  }

  @Test func `no form has fewer digits`() {
    // Breadth first: all numbers that n signed powers of two, of up to 2¹⁰, can reach.
    var fewest: [Int: Int] = [0: 0]
    var reached: Set<Int> = [0]
    for count in 1...5 {
      var next: Set<Int> = []
      for number in reached {
        for shift in 0...10 {
          for sum in [number + 1 << shift, number - 1 << shift] where abs(sum) <= 4096 {
            if fewest[sum] == nil { next.insert(sum) }
          }
        }
      }
      for number in next { fewest[number] = count }
      reached = next
    }
    for number in -512...512 {
      #expect(canonicalSignedDigits(number).count == fewest[number])
    }
  }
}
