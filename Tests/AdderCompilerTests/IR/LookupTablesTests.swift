import ADBFormat
import AdderCompiler
import Foundation
import Testing

@Suite struct LookupTablesTests {
  static let activations: [Activation] = [
    .leakyRelu(slopes: [0.01], isLearned: false), .leakyRelu(slopes: [-1.5], isLearned: true),
    .hardSwish, .hardSigmoid, .sigmoid, .tanh, .silu, .gelu(isApproximate: false),
    .gelu(isApproximate: true),
  ]

  private static func bytes(_ bits: Int, _ range: ClosedRange<Double>) -> ValueQuantization {
    let levels = (1 << bits) - 1
    let scale = (range.upperBound - range.lowerBound) / Double(levels)
    return ValueQuantization(
      elementType: .uint8, scale: scale, zeroPoint: Int((-range.lowerBound / scale).rounded()),
      bounds: 0...levels)
  }

  private static func halves(_ largest: Double) -> ValueQuantization {
    ValueQuantization(
      elementType: .int16, scale: largest / 32767, zeroPoint: 0, bounds: -32768...32767)
  }

  /// An activation by its definition, written anew.
  private func exact(_ activation: Activation, _ x: Double) -> Double {
    func gate(_ x: Double) -> Double { min(max(x / 6 + 0.5, 0), 1) }
    switch activation {
    case .leakyRelu(let slopes, _): return x < 0 ? Double(slopes[0]) * x : x
    case .hardSwish: return x * gate(x)
    case .hardSigmoid: return gate(x)
    case .sigmoid: return (1 + Foundation.tanh(x / 2)) / 2
    case .tanh: return 1 - 2 / (exp(2 * x) + 1)
    case .silu: return x * (1 + Foundation.tanh(x / 2)) / 2
    case .gelu(isApproximate: false): return x * (1 + erf(x / 2.0.squareRoot())) / 2
    case .gelu(isApproximate: true):
      return x * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        / 2
    }
  }

  @Test(
    "of bytes every result is the nearest integer", arguments: Self.activations, [4, 5, 6, 7, 8])
  func roundsBytes(activation: Activation, bits: Int) throws {
    for range in [-4.0...4.0, -0.25...12.0, -9.0...1.0] {
      let (input, output) = (Self.bytes(8, range), Self.bytes(bits, -1...3))
      let tables = try #require(LookupTables(activation, from: input, to: output))
      #expect(tables.segmentShift == 0 && tables.tables.map(\.count) == [256])
      for x in 0...255 {
        let y = exact(activation, Double(x - input.zeroPoint) * input.scale) / output.scale
        let wanted = min(max(y + Double(output.zeroPoint), 0), Double(output.bounds.upperBound))
        // A tie may fall to either side.
        #expect(abs(Double(tables.apply(x, channel: 0)) - wanted) <= 0.5 + 1e-9)
      }
    }
  }

  @Test(
    "of 16 bits results are near, from few lines",
    arguments: Self.activations.filter { $0 != .hardSigmoid })
  func interpolates(activation: Activation) throws {
    for largest in [0.5, 4, 12, 30] {
      let input = Self.halves(largest)
      let reach = [-largest, largest].map { abs(exact(activation, $0)) }.max() ?? 0
      for output in [Self.halves(max(reach, 0.3)), Self.halves(reach / 2), Self.bytes(8, -1...3)] {
        let tables = try #require(LookupTables(activation, from: input, to: output))
        #expect(tables.tables[0].count <= 2049)
        let worst =
          (-32768...32767).map { x in
            let y = exact(activation, Double(x) * input.scale) / output.scale
            let wanted = min(
              max(y + Double(output.zeroPoint), Double(output.bounds.lowerBound)),
              Double(output.bounds.upperBound))
            return abs(Double(tables.apply(x, channel: 0)) - wanted)
          }.max() ?? 0
        #expect(worst <= (largest > 12 ? 8.01 : 1.5), "\(largest), \(output)")
      }
    }
  }

  @Test func `slopes of channels have two lines each`() throws {
    let slopes: [Float] = [0.25, -0.5, 0, 1.25]
    let tables = try #require(
      LookupTables(
        .leakyRelu(slopes: slopes, isLearned: true), from: Self.halves(4), to: Self.halves(3)))
    #expect(tables.tables.map(\.count) == [3, 3, 3, 3])
    for (channel, slope) in slopes.enumerated() {
      for x in stride(from: -32768, through: 32767, by: 257) {
        let y = min(max(4.0 / 3 * Double(x) * (x < 0 ? Double(slope) : 1), -32768), 32767)
        #expect(abs(Double(tables.apply(x, channel: channel)) - y) <= 1)
      }
    }
  }

  @Test func `slopes that 32 bits do not hold have no tables`() {
    for slope: Float in [1e9, -1e9, 1e30] {
      #expect(
        LookupTables(
          .leakyRelu(slopes: [slope, 0], isLearned: true), from: Self.halves(4),
          to: Self.halves(4)) == nil)
    }
  }
}
