import ADBFormat

extension ModelBuilder {
  /// A model with every operation, every section, grouped, converting, wide and in-place parts.
  package static func everyOperation() -> ModelBuilder {
    var model = sample()
    appendLaterOperations(to: &model)
    model.nameAll()
    return model
  }

  /// Operations that `sample` has not, each with the tensor that it reads from there.
  private static func appendLaterOperations(to model: inout ModelBuilder) {
    // 11: of 4 × 4 × 4.
    let shuffled = model.tensor(8, 8, 1, .int16)
    model.append(
      DepthToSpace {
        $0.input = 5
        $0.output = shuffled
        $0.blockSize = 2
      })
    // 12: two lines a channel.
    let bent = model.tensor(4, 4, 4, .uint8)
    let tables = model.elements(
      [-800, 0, 2040, 0, 0, 1020, 300, 0, 2040, -1020, 1020, 0], .int32)
    model.append(
      Lookup {
        $0.input = 5
        $0.output = bent
        $0.tablesOffset = tables
        $0.tableCount = 4
        $0.segmentShift = 15
        $0.shift = 18
        $0.outputMin = 3
        $0.outputMax = 250
      })
    // 13: two groups.
    let mixed = model.tensor(4, 4, 4, .uint8)
    model.append(
      ChannelShuffle {
        $0.input = bent
        $0.output = mixed
        $0.groups = 2
        $0.groupChannels = 2
      })
  }

  /// Names everything in order.
  private mutating func nameAll() {
    names =
      ["model"] + tensors.indices.map { "tensor\($0)" }
      + (0..<operationCount).map { "operation\($0)é" }
  }

  /// The first eleven steps of `everyOperation`, of which tests know every number.
  package static func sample() -> ModelBuilder {
    var model = ModelBuilder()
    let one = ChannelEntry(centre: 0, bias: 1, terms: ScaleTerms((0, 1)))
    let wideOne = WideChannelEntry(centre: 3, bias: -2, terms: ScaleTerms((33, 1), (30, -1)))
    let image = model.input(5, 5, 2)
    // 0: pad to 7 × 7.
    let padded = model.tensor(7, 7, 2, .uint8)
    model.append(
      Pad {
        $0.input = image
        $0.output = padded
        $0.padTop = 1
        $0.padLeft = 1
        $0.padBottom = 1
        $0.padRight = 1
        $0.padValuesOffset = model.elements([7, 9], .uint8)
      })
    // 1: convolution to 4 × 4 × 4.
    let convolved = model.tensor(4, 4, 4, .int16)
    let strided = model.window(
      over: padded, kernel: (3, 3), stride: (2, 2), padding: (1, 1, 1, 1))
    let digits = model.constants(u16: [
      2, 2, 1, 0, 17, 5, 1, 0, 3, 1, 0, 1, 9, 0, 3, 1, 1, 2, 2, 0, 1, 3, 0, 2, 5, 6,
    ])
    model.append(
      Conv2D {
        $0.layer.input = padded
        $0.layer.output = convolved
        $0.layer.window = strided
        $0.layer.requantizer = model.requantizer([one, one, one, one], shift: 1, output: convolved)
        $0.layer.patch = model.patch(
          of: strided, input: padded, output: convolved, .uint8, padValues: [1, 2])
        $0.digitsOffset = digits
        $0.digitsByteCount = 52
      })
    // 2: requantize in place, wide.
    let scaled = model.tensor(4, 4, 4, .int16, at: model.tensors[Int(convolved)].arenaOffset)
    model.append(
      Requantize {
        $0.input = convolved
        $0.output = scaled
        $0.requantizer = model.wideRequantizer([wideOne], shift: 31, output: scaled)
      })
    // 3: adder layer of two groups over converted elements, with a residual.
    let added = model.tensor(4, 4, 4, .int16)
    let same = model.window(over: scaled, kernel: (3, 3), padding: (1, 1, 1, 1))
    var patch = model.patch(
      of: same, input: scaled, output: added, groups: 2, .uint8, padValues: [5, 5, 6, 6])
    patch.converts = true
    patch.inputShift = 3
    patch.inputOffset = 4
    patch.patchMax = 255
    let bytes = model.filters(
      (0..<4).map { f in (0..<18).map { Int32((f * 37 + $0 * 11) % 256) } }, groups: 2, .uint8)
    let minusEighth = ChannelEntry(centre: 100, bias: 4, terms: ScaleTerms((0, -1)))
    model.append(
      Adder2D {
        $0.layer.input = scaled
        $0.layer.output = added
        $0.layer.window = same
        $0.layer.requantizer = model.requantizer(
          [minusEighth], shift: 3, output: added, residual: scaled)
        $0.layer.patch = patch
        $0.filtersOffset = bytes.offset
        $0.filterMaximum = bytes.maximum
      })
    // 4: addition in place.
    let summed = model.tensor(4, 4, 4, .int16, at: model.tensors[Int(added)].arenaOffset)
    let secondTable = model.table([one])
    model.append(
      Add {
        $0.first = scaled
        $0.second = added
        $0.output = summed
        $0.requantizer = model.requantizer([one], shift: 1, output: summed)
        $0.secondTableOffset = secondTable
      })
    appendPoolsAndVector(to: &model, summed)
    model.nameAll()
    model.classNames = (0..<48).map { "class \($0)" }
    model.normalization = [(means: [0.5, 0.25], deviations: [0.125, 1])]
    return model
  }

  private static func appendPoolsAndVector(to model: inout ModelBuilder, _ summed: UInt32) {
    let half = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((1, 1), (0, -1)))
    // 5: maximum.
    let largest = model.tensor(3, 3, 4, .int16)
    model.append(
      MaxPool {
        $0.input = summed
        $0.output = largest
        $0.window = model.window(
          over: summed, kernel: (2, 2), stride: (2, 2), padding: (1, 1, 1, 1))
      })
    // 6: average.
    let average = model.tensor(3, 3, 4, .int16)
    let padValues = model.elements([-3, 0, 3, 300], .int16)
    model.append(
      AveragePool {
        $0.input = summed
        $0.output = average
        $0.window = model.window(over: summed, kernel: (4, 4), padding: (1, 1, 1, 1))
        $0.requantizer = model.requantizer([half, half, half, half], shift: 4, output: average)
        $0.padValuesOffset = padValues
      })
    // 7: both.
    let joined = model.tensor(3, 3, 8, .int16)
    model.append(
      Concat {
        $0.output = joined
        $0.inputCount = 2
      }, concatInputs: [largest, average])
    // 8: depthwise adder layer, 16 bits, wide.
    let vector = model.tensor(1, 1, 8, .uint8)
    let whole = model.window(over: joined, kernel: (3, 3))
    let entry = WideChannelEntry(
      centre: 40, bias: 1 << 39, terms: ScaleTerms((33, 1), (31, -1)))
    let requantizer = model.wideRequantizer(
      [WideChannelEntry](repeating: entry, count: 8), shift: 40, output: vector)
    let patch = model.patch(
      of: whole, input: joined, output: vector, groups: 8, .int16,
      padValues: [0, 1, 2, 3, 4, 5, 6, 7])
    let halves = model.filters(
      (0..<8).map { f in (0..<9).map { Int32(f * 1000 - $0 * 500) } }, groups: 8, .int16)
    model.append(
      Adder2D {
        $0.layer.input = joined
        $0.layer.output = vector
        $0.layer.window = whole
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.filtersOffset = halves.offset
        $0.filterMaximum = halves.maximum
      })
    // 9: repeat, 10: flatten.
    let repeated = model.tensor(2, 3, 8, .uint8)
    model.append(
      UpsampleNearest {
        $0.input = vector
        $0.output = repeated
        $0.factorHeight = 2
        $0.factorWidth = 3
      })
    let flat = model.tensor(1, 1, 48, .uint8)
    model.append(
      Flatten {
        $0.input = repeated
        $0.output = flat
      })
    model.output(flat)
    model.output(summed)
  }
}
