import ADBFormat
import AdderDetection
import AdderTestSupport
import Foundation
import Testing

@Suite struct ScoresTests {
  /// clamp(v, −(2²³ >> −s), 2²³ >> −s) << −s, or the rounded shift to the right, in 64 bits.
  private func rescaled(_ v: Int32, _ s: Int) -> Int32 {
    let wide = Int64(v)
    let largest: Int64 = 1 << 23
    if s <= 0 {
      let limit = largest >> Int64(-s)
      return Int32(min(max(wide, -limit), limit) << Int64(-s))
    }
    let limited = min(max(wide, -(1 << 30)), 1 << 30)
    return Int32(min(max((limited + 1 << Int64(s - 1)) >> Int64(s), -largest), largest))
  }

  @Test("rescales extremes and what lies between as in 64 bits", arguments: -23...30)
  func rescale(shift: Int) {
    var random = SplitMix64(seed: 23)
    var values: [Int32] = [0, .min, .min + 1, .max, .max - 1]
    for bit in 0..<31 {
      let power = (1 as Int32) << Int32(bit)
      values += [power - 1, power, power &+ 1, -power, 1 - power, -1 - power]
    }
    for _ in 0..<2_000 {
      let bits = random.next()
      values.append(Int32(truncatingIfNeeded: bits) >> Int32(bits >> 59))
    }
    for value in values {
      let found = Scores.rescale(value, Int8(shift))
      #expect(found == rescaled(value, shift), "\(value) >> \(shift)")
      #expect(found.magnitude <= 1 << 23)
    }
  }

  @Test func `rescales to the nearest, halves upward`() {
    #expect(Scores.rescale(7, 2) == 2 && Scores.rescale(6, 2) == 2 && Scores.rescale(5, 2) == 1)
    #expect(Scores.rescale(-6, 2) == -1 && Scores.rescale(-7, 2) == -2)
    #expect(Scores.rescale(-5, -3) == -40)
  }

  @Test func `log sigma is within 1.5 of the real one, over its whole range`() {
    ModelBuilder.logTable.withUnsafeBytes { table in
      guard let start = table.baseAddress else { return }
      let scores = Scores(table: start)
      var largest = 0.0
      // Every number where the table counts, and some behind its end.
      let near = stride(from: Int32(-1 << 20 - 3), through: 1 << 20 + 3, by: 1)
      let far = stride(from: Int32(-1 << 23), through: 1 << 23, by: 4_099)
      for x in [Array(near), Array(far), [-1 << 23, 1 << 23]].joined() {
        let real = Double(x) / 65_536
        let exact = 65_536 * (min(real, 0) - log1p(exp(-abs(real))))
        largest = max(largest, abs(Double(scores.logSigmoid(x)) - exact))
      }
      #expect(largest < 1.5)
      // It is the table that it follows, not zero.
      #expect(largest > 0.5)
    }
  }

  @Test func `log sigma follows the formula, also with a table of anything`() {
    var random = SplitMix64(seed: 16)
    for isOrdered in [true, false] {
      let table =
        isOrdered
        ? ModelBuilder.logTable : (0...1024).map { _ in UInt16(truncatingIfNeeded: random.next()) }
      table.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        let scores = Scores(table: start)
        for _ in 0..<20_000 {
          let x = Int32.random(in: -(1 << 20)...1 << 20, using: &random)
          let (i, r) = (Int(x.magnitude >> 10), Int(x.magnitude & 1023))
          var expected = min(Int(x), 0)
          if x.magnitude < 1 << 20 {
            let step = Int(table[i]) - Int(table[i + 1])
            expected -= Int(table[i]) - ((r * step + 512) >> 10)
          }
          #expect(Int(scores.logSigmoid(x)) == expected, "\(x)")
          #expect(scores.logSigmoid(x) <= 0)
        }
      }
    }
  }

  @Test func `log sigma never falls`() {
    ModelBuilder.logTable.withUnsafeBytes { table in
      guard let start = table.baseAddress else { return }
      let scores = Scores(table: start)
      var last = Int32.min
      var fallCount = 0
      for x in stride(from: Int32(-1 << 20 - 9), through: 1 << 20 + 9, by: 1) {
        let score = scores.logSigmoid(x)
        if score < last { fallCount += 1 }
        last = score
      }
      #expect(fallCount == 0)
    }
  }
}
