import ADBFormat
import AdderTestSupport
import AdderVector
import Testing

@Suite struct RandomElementsTests {
  @Test(
    "operations without windows give the elements of the reference",
    arguments: RandomElements.Kind.allCases)
  func agrees(kind: RandomElements.Kind) throws {
    for seed in 0..<150 {
      let elements = RandomElements(kind, seed: UInt64(seed))
      let expected = try runReference(elements.model, inputs: elements.inputs)
      for set in InstructionSet.available {
        for keepsTensors in [false, true] {
          let outputs = try runModel(
            elements.model, inputs: elements.inputs, set, keepsTensors: keepsTensors)
          #expect(outputs == expected, "\(set.name), seed \(seed): \(elements.description)")
        }
      }
    }
  }

  @Test(
    "threads that share operations without windows give the same elements",
    arguments: RandomElements.Kind.allCases)
  func isShared(kind: RandomElements.Kind) throws {
    for seed in 0..<20 {
      let elements = RandomElements(kind, seed: UInt64(seed))
      let expected = try runReference(elements.model, inputs: elements.inputs)
      let outputs = try runModel(
        elements.model, inputs: elements.inputs, .best, threadCount: 3)
      #expect(outputs == expected, "seed \(seed): \(elements.description)")
    }
  }

  @Test func `all operations run on vectors`() throws {
    let image = AlignedMemory(ModelBuilder.everyOperation().bytes())
    let program = VectorProgram(try ProgramView(verifying: image.readOnly))
    for index in 0..<program.operationCount {
      let (kernel, reason) = program.kernel(of: index)
      #expect(kernel != .interpreter, "operation \(index): \(reason)")
    }
  }
}

/// A model of one operation without windows, and now and then an adder layer behind it.
struct RandomElements: RandomChoices {
  enum Kind: CaseIterable, Sendable {
    case requantize, add, concat, pad, upsampleNearest, flatten, depthToSpace, lookup
    case channelShuffle
  }

  private(set) var model: [UInt8] = []
  private(set) var inputs: [UInt8] = []
  private(set) var description = ""
  var random: SplitMix64
  private var builder = ModelBuilder()

  init(_ kind: Kind, seed: UInt64) {
    random = SplitMix64(seed: seed)
    let (height, width) = (pick(1...6), pick(1...6))
    let block = pick(1...3)
    let channels =
      pick([1, 2, 3, 8, 15, 16, 17, 32, 33, 48]) * (kind == .depthToSpace ? block * block : 1)
    let first = source(height, width, channels, pick([.uint8, .int16]))
    let type = builder.tensors[Int(first)].elementType
    let output: UInt32
    switch kind {
    case .requantize: output = appendRequantize(first)
    case .add:
      output = appendAdd(first, source(height, width, channels, pick([.uint8, .int16])))
    case .concat:
      let second = source(height, width, pick([1, 5, 16, 31]), type)
      output = appendConcat(chance(2) ? [first, second] : [second, first, second])
    case .pad: output = appendPad(first)
    case .upsampleNearest:
      let factors = (pick(1...3), pick(1...3))
      output = builder.tensor(height * factors.0, width * factors.1, channels, type)
      let result = output
      builder.append(
        UpsampleNearest {
          $0.input = first
          $0.output = result
          $0.factorHeight = UInt16(factors.0)
          $0.factorWidth = UInt16(factors.1)
        })
    case .flatten:
      output = builder.tensor(1, 1, height * width * channels, type)
      let result = output
      builder.append(
        Flatten {
          $0.input = first
          $0.output = result
        })
    case .lookup: output = appendLookup(first)
    case .channelShuffle:
      output = builder.tensor(height, width, channels, type)
      let result = output
      let groups = pick((1...channels).filter { channels % $0 == 0 })
      builder.append(
        ChannelShuffle {
          $0.input = first
          $0.output = result
          $0.groups = UInt32(groups)
          $0.groupChannels = UInt32(channels / groups)
        })
    case .depthToSpace:
      output = builder.tensor(height * block, width * block, channels / (block * block), type)
      let result = output
      builder.append(
        DepthToSpace {
          $0.input = first
          $0.output = result
          $0.blockSize = UInt16(block)
        })
    }
    let record = builder.tensors[Int(output)]
    description =
      "\(kind) of \(height)×\(width)×\(channels) \(type) to \(record.height)×\(record.width)"
      + "×\(record.channels) \(record.elementType)"
    if record.elementType == .int32 || chance(2) {
      builder.output(output)
    } else {
      // The output goes to the buffer of the layer, and to the arena as well if it is bound.
      appendLayer(output)
      if chance(2) { builder.output(output) }
      description += ", with a layer"
    }
    model = builder.bytes()
    let count = builder.bindings.filter { $0.direction == .input }.reduce(0) {
      $0 + Int(builder.tensors[Int($1.tensor)].elementCount)
    }
    inputs = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// An input of bytes, or what is made of one over the range of `int16`.
  private mutating func source(
    _ height: Int, _ width: Int, _ channels: Int, _ type: ElementType
  ) -> UInt32 {
    let image = builder.input(height, width, channels)
    guard type == .int16 else { return image }
    let stream = builder.tensor(height, width, channels, .int16)
    let entry = ChannelEntry(centre: 0, bias: -32768, terms: ScaleTerms((8, 1), (0, 1)))
    let requantizer = builder.requantizer([entry], output: stream)
    builder.append(
      Requantize {
        $0.input = image
        $0.output = stream
        $0.requantizer = requantizer
      })
    return stream
  }

  /// A tensor of the shape of another, in its place where that has elements of one size.
  private mutating func result(like input: UInt32) -> UInt32 {
    let record = builder.tensors[Int(input)]
    let type = pick([ElementType.uint8, .int16, .int32])
    let mayShare = type.byteCount == record.elementType.byteCount
    return builder.tensor(
      Int(record.height), Int(record.width), Int(record.channels), type,
      at: mayShare && chance(2) ? record.arenaOffset : nil)
  }

  private mutating func appendRequantize(_ input: UInt32) -> UInt32 {
    let output = result(like: input)
    let entryCount = chance(2) ? 1 : Int(builder.tensors[Int(input)].channels)
    let requantizer = requantizer(entryCount, isWide: chance(3), output)
    builder.append(
      Requantize {
        $0.input = input
        $0.output = output
        $0.requantizer = requantizer
      })
    return output
  }

  private mutating func appendLookup(_ input: UInt32) -> UInt32 {
    let output = result(like: input)
    let record = builder.tensors[Int(input)]
    let type = builder.tensors[Int(output)].elementType
    let tableCount = chance(2) ? 1 : Int(record.channels)
    let isByte = record.elementType == .uint8
    let segmentShift = isByte ? 0 : pick([7, 10, 13, 14, 15])
    let entryCount = isByte ? 256 : 65536 >> segmentShift + 1
    let range = isByte ? type.minimum...type.maximum : Int32.min...Int32.max
    let bits = pick(0...24)
    let tables = builder.elements(
      (0..<tableCount * entryCount).map { _ in
        let entry = Int32.random(in: range, using: &random)
        return isByte ? entry : entry >> Int32(bits)
      }, isByte ? type : .int32)
    let shift = isByte ? 0 : pick(0...31)
    let ends = (0..<2).map { _ in Int32.random(in: type.minimum...type.maximum, using: &random) }
    builder.append(
      Lookup {
        $0.input = input
        $0.output = output
        $0.tablesOffset = tables
        $0.tableCount = UInt32(tableCount)
        $0.segmentShift = UInt8(segmentShift)
        $0.shift = UInt8(shift)
        $0.outputMin = ends.min() ?? 0
        $0.outputMax = ends.max() ?? 0
      })
    return output
  }

  private mutating func appendAdd(_ first: UInt32, _ second: UInt32) -> UInt32 {
    let output = result(like: chance(2) ? first : second)
    let isWide = chance(3)
    let requantizer = requantizer(1, isWide: isWide, output)
    let table =
      isWide ? builder.table([wideEntry()]) : builder.table([entry()])
    builder.append(
      Add {
        $0.first = first
        $0.second = second
        $0.output = output
        $0.requantizer = requantizer
        $0.secondTableOffset = table
      })
    return output
  }

  private mutating func appendConcat(_ inputs: [UInt32]) -> UInt32 {
    let records = inputs.map { builder.tensors[Int($0)] }
    let channels = records.reduce(0) { $0 + Int($1.channels) }
    let output = builder.tensor(
      Int(records[0].height), Int(records[0].width), channels, records[0].elementType)
    builder.append(
      Concat {
        $0.output = output
        $0.inputCount = UInt32(inputs.count)
      }, concatInputs: inputs)
    return output
  }

  private mutating func appendPad(_ input: UInt32) -> UInt32 {
    let record = builder.tensors[Int(input)]
    let (top, left, bottom, right) = (pick(0...2), pick(0...2), pick(0...2), pick(0...2))
    let output = builder.tensor(
      Int(record.height) + top + bottom, Int(record.width) + left + right, Int(record.channels),
      record.elementType)
    let values = (0..<record.channels).map { _ in Int32(pick(0...255)) }
    let offset = builder.elements(values, record.elementType)
    builder.append(
      Pad {
        $0.input = input
        $0.output = output
        $0.padTop = UInt16(top)
        $0.padLeft = UInt16(left)
        $0.padBottom = UInt16(bottom)
        $0.padRight = UInt16(right)
        $0.padValuesOffset = offset
      })
    return output
  }

  /// An adder layer over bytes, to which `int16` elements are converted.
  private mutating func appendLayer(_ input: UInt32) {
    let record = builder.tensors[Int(input)]
    let filterCount = pick([1, 7, 33])
    let window = builder.window(over: input, kernel: (2, 2), padding: (1, 1, 1, 1))
    let output = builder.tensor(
      Int(record.height) + 1, Int(record.width) + 1, filterCount, .int32)
    var patch = builder.patch(
      of: window, input: input, output: output, .uint8,
      padValues: (0..<record.channels).map { _ in Int32(pick(0...255)) })
    if record.elementType == .int16 {
      patch.converts = true
      patch.inputShift = UInt8(pick(7...9))
      patch.inputOffset = 100
      patch.patchMax = 255
    }
    let filters = builder.filters(
      (0..<filterCount).map { _ in
        (0..<Int(patch.elementCount)).map { _ in Int32(pick(0...255)) }
      }, groups: 1, .uint8)
    let requantizer = builder.requantizer(
      [ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))], output: output)
    builder.append(
      Adder2D {
        $0.layer.input = input
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.filtersOffset = filters.offset
        $0.filterMaximum = filters.maximum
      })
    builder.output(output)
  }

  private mutating func requantizer(
    _ entryCount: Int, isWide: Bool, _ output: UInt32
  ) -> Requantizer {
    let shift = UInt8(pick(0...12))
    return isWide
      ? builder.wideRequantizer(
        (0..<entryCount).map { _ in wideEntry() }, shift: shift, output: output)
      : builder.requantizer(
        (0..<entryCount).map { _ in entry() }, shift: shift, output: output)
  }

  private mutating func entry() -> ChannelEntry {
    ChannelEntry(
      centre: Int32(pick(-500...500)), bias: Int32(pick(-100_000...1_000_000)),
      terms: terms(most: 6))
  }

  private mutating func wideEntry() -> WideChannelEntry {
    WideChannelEntry(
      centre: Int64(pick(-500...500)), bias: Int64(pick(-100_000...1_000_000)),
      terms: terms(most: chance(2) ? 6 : 38))
  }

  private mutating func terms(most: Int) -> ScaleTerms {
    var terms = ScaleTerms()
    for _ in 0..<pick([0, 1, 2, 3, 5, 8]) {
      precondition(terms.append(shift: UInt8(pick(0...most)), subtracts: chance(2)))
    }
    return terms
  }
}
