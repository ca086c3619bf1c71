import AdderCompiler
import Testing

@Suite struct QuantizedGraphTests {
  @Test func `integers stand for real numbers`() {
    let value = ValueQuantization(elementType: .uint8, scale: 0.25, zeroPoint: 8, bounds: 0...15)
    #expect([0, 8, 15].map(value.real) == [-2, 0, 1.75])
  }
}
