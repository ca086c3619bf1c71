import ADBFormat
import AdderTestSupport
import Testing

@Suite struct CopyTests {
  @Test func `concat joins channels position by position`() throws {
    var model = ModelBuilder()
    let first = model.input(1, 2, 1)
    let second = model.input(1, 2, 2)
    let output = model.tensor(1, 2, 4, .uint8)
    model.append(
      Concat {
        $0.output = output
        $0.inputCount = 3
      }, concatInputs: [first, second, first])
    model.output(output)
    #expect(
      try runModel(model.bytes(), inputs: [1, 2, 11, 12, 13, 14]) == [
        1, 11, 12, 1, 2, 13, 14, 2,
      ])
  }

  @Test func `upsampling repeats rows and columns`() throws {
    var model = ModelBuilder()
    let image = model.input(2, 2, 2)
    let output = model.tensor(4, 6, 2, .uint8)
    model.append(
      UpsampleNearest {
        $0.input = image
        $0.output = output
        $0.factorHeight = 2
        $0.factorWidth = 3
      })
    model.output(output)
    let top: [Int32] = [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]
    let bottom: [Int32] = [5, 6, 5, 6, 5, 6, 7, 8, 7, 8, 7, 8]
    #expect(
      try runModel(model.bytes(), inputs: (1...8).map { UInt8($0) })
        == top + top + bottom + bottom)
  }

  @Test func `padding surrounds each channel with its value`() throws {
    var model = ModelBuilder()
    let image = model.input(1, 2, 2)
    let output = model.tensor(2, 4, 2, .uint8)
    model.append(
      Pad {
        $0.input = image
        $0.output = output
        $0.padTop = 0
        $0.padLeft = 2
        $0.padBottom = 1
        $0.padRight = 0
        $0.padValuesOffset = model.elements([8, 9], .uint8)
      })
    model.output(output)
    #expect(
      try runModel(model.bytes(), inputs: [1, 2, 3, 4]) == [
        8, 9, 8, 9, 1, 2, 3, 4, 8, 9, 8, 9, 8, 9, 8, 9,
      ])
  }

  @Test func `flattening puts channels outermost`() throws {
    var model = ModelBuilder()
    let image = model.input(2, 2, 2)
    let stream = model.tensor(2, 2, 2, .int32)
    let entry = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((20, -1)))
    let requantizer = model.requantizer([entry], output: stream)
    model.append(
      Requantize {
        $0.input = image
        $0.output = stream
        $0.requantizer = requantizer
      })
    let output = model.tensor(1, 1, 8, .int32)
    model.append(
      Flatten {
        $0.input = stream
        $0.output = output
      })
    model.output(output)
    let million = -1_048_576 as Int32
    #expect(
      try runModel(model.bytes(), inputs: (1...8).map { UInt8($0) })
        == [1, 3, 5, 7, 2, 4, 6, 8].map { $0 * million })
  }
}
