import ADBFormat
import AdderModel
import AdderTestSupport
import Testing

@Suite struct ModelTests {
  @Test func `describes the file and its tensors`() throws {
    let bytes = ModelBuilder.sample().bytes()
    let model = try Model(bytes)
    #expect(model.name == "model")
    #expect(model.hasNames)
    #expect(model.byteCount == bytes.count)
    #expect(model.arenaByteCount == 920)
    #expect(model.checksum == bytes[12..<16].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    #expect(
      model.sections.map(\.kind) == [
        .tensors, .operations, .constants, .bindings, .normalization, .names, .classNames,
      ])
    #expect(model.classNames.count == 48)
    #expect(model.classNames.last == "class 47")
    #expect(model.tensors.map(\.index) == Array(0..<12))
    let joined = model.tensors[8]
    #expect(joined.name == "tensor8")
    #expect(joined.shape == TensorShape(height: 3, width: 3, channels: 8))
    #expect(joined.elementType == .int16)
    #expect(joined.elementCount == 72)
    #expect(joined.arena == 632..<776)
  }

  @Test func `writes the checksum with eight digits`() throws {
    // Of the models that differ in a zero point, one in 16 has a checksum that begins with 0.
    var leadingZeros = 0
    for zeroPoint in 0..<200 {
      var builder = ModelBuilder()
      builder.output(builder.input(1, 1, 1))
      let copy = builder.tensor(1, 1, 1, .uint8, zeroPoint: Int32(zeroPoint))
      builder.append(
        Flatten {
          $0.input = 0
          $0.output = copy
        })
      let model = try Model(builder.bytes())
      #expect(model.checksumText.count == 8)
      #expect(UInt32(model.checksumText, radix: 16) == model.checksum)
      if model.checksumText.hasPrefix("0") { leadingZeros += 1 }
    }
    #expect(leadingZeros > 0)
  }

  @Test func `numbers what has no name`() throws {
    var builder = ModelBuilder.sample()
    builder.names = []
    let model = try Model(builder.bytes())
    #expect(!model.hasNames)
    #expect(model.name == "")
    #expect(model.tensors[3].name == "tensor 3")
    #expect(model.layers[10].name == "operation 10")
  }

  @Test func `tells inputs with their normalization from outputs`() throws {
    let model = try Model(ModelBuilder.sample().bytes())
    try #require(model.inputs.count == 1)
    #expect(model.inputs[0].binding == 0)
    #expect(model.inputs[0].name == "tensor0")
    #expect(model.inputs[0].normalization?.mean == [0.5, 0.25])
    #expect(model.inputs[0].normalization?.std == [0.125, 1])
    #expect(model.outputs.map(\.binding) == [1, 2])
    #expect(model.outputs.map(\.tensor) == [model.tensors[11], model.tensors[5]])
    #expect(model.outputs.allSatisfy { $0.normalization == nil })
  }

  @Test func `gives each input its own normalization, or none`() throws {
    var builder = ModelBuilder()
    let wide = builder.input(1, 1, 3)
    builder.output(builder.input(1, 1, 1))
    builder.output(wide)
    #expect(try Model(builder.bytes()).inputs.allSatisfy { $0.normalization == nil })
    builder.normalization = [([1, 2, 3], [4, 5, 6]), ([-7], [8])]
    let inputs = try Model(builder.bytes()).inputs
    #expect(inputs.map(\.normalization?.mean) == [[1, 2, 3], [-7]])
    #expect(inputs.map(\.normalization?.std) == [[4, 5, 6], [8]])
  }

  @Test func `refuses what the verifier refuses`() throws {
    #expect(throws: ModelError(.truncated, at: 0)) { try Model([]) }
    var bytes = ModelBuilder.sample().bytes()
    bytes[bytes.count - 1] ^= 1
    #expect(throws: ModelError(.wrongChecksum, at: 12)) { try Model(bytes) }
  }

  @Test func `takes integers back to real numbers`() {
    let quantization = Quantization(scale: 0.5, zeroPoint: 10)
    #expect(quantization.real(10) == 0)
    #expect(quantization.real(255) == 122.5)
    #expect(quantization.real(-1) == -5.5)
    // One step more than 32 bits hold, by a scale that binary32 cannot write in decimal.
    let widest = Quantization(scale: 0.1, zeroPoint: .min)
    #expect(widest.real(.max) == 4_294_967_295 * 0.100000001490116119384765625)
  }
}
