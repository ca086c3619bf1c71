import ADBFormat

/// A model of one adder layer whose shape, numbers and inputs a seed decides.
package struct RandomLayer: RandomChoices {
  /// The model file.
  package private(set) var model: [UInt8] = []
  /// The bytes of both inputs: the image, and what the residual is made from.
  package private(set) var inputs: [UInt8] = []
  /// What the layer is, for messages.
  package private(set) var description = ""
  package private(set) var outputMin: Int32 = 0
  package private(set) var outputMax: Int32 = 0

  /// How many channels a layer has.
  package enum Extent: CaseIterable, Sendable {
    /// At most nine of a group, and seven filters.
    case few
    /// About as many as vectors hold, and one less or more.
    case aroundVectors
    /// One or two of each of many groups.
    case inGroups
  }

  private let extent: Extent
  package var random: SplitMix64
  private var builder = ModelBuilder()

  package init(seed: UInt64, _ extent: Extent = .few) {
    self.extent = extent
    random = SplitMix64(seed: seed)
    // A window that fits nowhere is drawn again.
    while !makeLayer() { builder = ModelBuilder() }
    model = builder.bytes()
  }

  /// What the patch is made from, and the elements it can have.
  private enum Source: CaseIterable {
    case bytes, sevenBitBytes, halves, convertedBytes, convertedSevenBits, convertedHalves

    var patchType: ElementType {
      self == .halves || self == .convertedHalves ? .int16 : .uint8
    }
    var elements: ClosedRange<Int32> {
      switch self {
      case .bytes, .convertedBytes: 0...255
      case .sevenBitBytes, .convertedSevenBits: 0...127
      case .halves, .convertedHalves: -32768...32767
      }
    }
    var converts: Bool {
      self == .convertedBytes || self == .convertedSevenBits || self == .convertedHalves
    }
    var isByteInput: Bool { self == .bytes || self == .sevenBitBytes }
  }

  /// Returns whether the window fits the image.
  private mutating func makeLayer() -> Bool {
    let source = pick(Source.allCases)
    let groups = extent == .inGroups ? pick([8, 16, 33]) : pick([1, 1, 1, 2, 3])
    let channels = groups * channelsOfGroup()
    let (height, width) = (pick(1...9), pick(1...9))
    let image = builder.input(height, width, channels)
    let input = source.isByteInput ? image : appendStream(from: image)

    let window = builder.window(
      over: input, kernel: (pick(1...3), pick(1...4)), stride: (pick(1...3), pick(1...3)),
      padding: (pick(0...2), pick(0...2), pick(0...2), pick(0...2)),
      dilation: (pick(1...2), pick(1...2)))
    let outputHeight = Self.outputExtent(
      height + Int(window.padTop) + Int(window.padBottom), window.kernelHeight,
      window.dilationHeight, window.strideHeight)
    let outputWidth = Self.outputExtent(
      width + Int(window.padLeft) + Int(window.padRight), window.kernelWidth,
      window.dilationWidth, window.strideWidth)
    guard outputHeight > 0, outputWidth > 0 else { return false }

    let filterCount = filtersOfGroup()
    let shape = (outputHeight, outputWidth, groups * filterCount)
    let outputType = pick([ElementType.uint8, .int16, .int32])
    let residual = appendResidual(shape)
    let place = residual.flatMap { tensor in
      let record = builder.tensors[Int(tensor)]
      let mayShare = record.elementType.byteCount == outputType.byteCount
      return mayShare && !chance(3) ? record.arenaOffset : nil
    }
    let output = builder.tensor(shape.0, shape.1, shape.2, outputType, at: place)

    var patch = builder.patch(
      of: window, input: input, output: output, groups: groups, source.patchType,
      padValues: elements(channels, source.elements))
    if source.converts { setConversion(of: &patch, source.elements) }
    let count = Int(patch.elementCount)
    let filters = builder.filters(
      (0..<shape.2).map { _ in elements(count, source.elements) }, groups: groups,
      source.patchType)
    let requantizer = makeRequantizer(
      output: output, residual: residual, elementCount: count, elements: source.elements)
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

    // Elements that are not converted keep to the patch's range, or pass it once.
    var pixels = elements(height * width * channels, source == .sevenBitBytes ? 0...127 : 0...255)
    if source == .sevenBitBytes && chance(4) { pixels[pick(0...pixels.count - 1)] = 128 }
    inputs = pixels.map { UInt8($0) }
    if residual != nil {
      inputs += elements(shape.0 * shape.1 * shape.2, 0...255).map { UInt8($0) }
    }
    (outputMin, outputMax) = (requantizer.outputMin, requantizer.outputMax)
    description = """
      \(source) \(height)×\(width)×\(channels) to \(shape) \(outputType), \(groups) groups, \
      \(window), residual \(residual != nil) in place \(place != nil), wide \(requantizer.wide), \
      \(requantizer.entryCount) entries
      """
    return true
  }

  private mutating func channelsOfGroup() -> Int {
    switch extent {
    case .few: pick(1...9)
    case .aroundVectors: pick([8, 15, 16, 17, 24, 31, 32, 33])
    case .inGroups: pick(1...2)
    }
  }

  private mutating func filtersOfGroup() -> Int {
    switch extent {
    case .few: pick(1...7)
    case .aroundVectors: pick([1, 15, 16, 17, 31, 32, 33, 64])
    case .inGroups: pick(1...2)
    }
  }

  private static func outputExtent(
    _ padded: Int, _ kernel: UInt16, _ dilation: UInt16, _ stride: UInt16
  ) -> Int {
    let free = padded - Int(dilation) * (Int(kernel) - 1) - 1
    return free < 0 ? 0 : free / Int(stride) + 1
  }

  /// A tensor of `int16` over its whole range, from bytes: 257·x − 32768.
  private mutating func appendStream(from image: UInt32) -> UInt32 {
    let record = builder.tensors[Int(image)]
    let stream = builder.tensor(
      Int(record.height), Int(record.width), Int(record.channels), .int16)
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

  /// A residual of either type, or none.
  private mutating func appendResidual(_ shape: (Int, Int, Int)) -> UInt32? {
    switch pick(0...2) {
    case 0: return nil
    case 1: return builder.input(shape.0, shape.1, shape.2)
    default: return appendStream(from: builder.input(shape.0, shape.1, shape.2))
    }
  }

  /// Brings −32768…32767 near the range of the patch's elements, and clamps to a part of them.
  private mutating func setConversion(
    of patch: inout PatchLayout, _ elements: ClosedRange<Int32>
  ) {
    patch.converts = true
    let isByte = patch.elementType == .uint8
    patch.inputShift = UInt8(isByte ? pick(7...10) : pick(0...3))
    patch.inputOffset = Int32(isByte ? pick(0...200) : pick(-32768...32767))
    patch.patchMin = elements.lowerBound + Int32(pick(0...20))
    patch.patchMax = elements.upperBound - Int32(pick([0, 0, 1, 30]))
  }

  /// Spreads sums over the range of the output's elements; sums for `int32` are as they are.
  private mutating func makeRequantizer(
    output: UInt32, residual: UInt32?, elementCount: Int, elements: ClosedRange<Int32>
  ) -> Requantizer {
    let record = builder.tensors[Int(output)]
    let residual = residual ?? Requantizer.noResidual
    let entryCount = chance(4) ? 1 : Int(record.channels)
    let isWide = chance(3)
    var requantizer: Requantizer
    if record.elementType == .int32 {
      let terms = ScaleTerms((0, chance(2) ? 1 : -1))
      requantizer =
        isWide
        ? builder.wideRequantizer(
          (0..<entryCount).map { WideChannelEntry(centre: 5, bias: Int64($0), terms: terms) },
          output: output, residual: residual)
        : builder.requantizer(
          (0..<entryCount).map { ChannelEntry(centre: 5, bias: Int32($0), terms: terms) },
          output: output, residual: residual)
      return requantizer
    }
    // The mean of |x − f| is a third of the range, or more with extremes among the elements.
    let span = Double(elements.upperBound - elements.lowerBound) * Double(elementCount)
    let extent = Double(record.elementType.maximum) - Double(record.elementType.minimum)
    let scaleBits = Int((extent / span * 8).exponent)
    // Terms from 2^0 to 2^5 are around 2^5, so the shift makes their factor 2^scaleBits.
    let shift = UInt8(max(0, 5 - scaleBits))
    let lift = max(0, scaleBits - 5)
    let centre = Int(span * 0.4)
    let middle = Int(record.elementType.maximum / 2) << Int(shift)
    let entries = (0..<entryCount).map { _ in
      (
        centre: centre + pick(-centre / 4...centre / 4), bias: middle + pick(0...(1 << Int(shift))),
        terms: terms(lift: lift)
      )
    }
    if isWide {
      requantizer = builder.wideRequantizer(
        entries.map {
          WideChannelEntry(centre: Int64($0.centre), bias: Int64($0.bias), terms: $0.terms)
        }, shift: shift, output: output, residual: residual)
    } else {
      requantizer = builder.requantizer(
        entries.map {
          ChannelEntry(centre: Int32($0.centre), bias: Int32($0.bias), terms: $0.terms)
        }, shift: shift, output: output, residual: residual)
    }
    if chance(3) {
      requantizer.outputMin = record.elementType.minimum + 3
      requantizer.outputMax = record.elementType.maximum - 5
    }
    return requantizer
  }

  /// One to eight signed powers of two.
  private mutating func terms(lift: Int) -> ScaleTerms {
    var terms = ScaleTerms()
    for _ in 0..<pick([1, 2, 3, 3, 4, 5, 8]) {
      precondition(terms.append(shift: UInt8(lift + pick(0...5)), subtracts: chance(2)))
    }
    return terms
  }

  /// Elements from a whole range, one in eight an extreme.
  private mutating func elements(_ count: Int, _ range: ClosedRange<Int32>) -> [Int32] {
    (0..<count).map { _ in
      if chance(8) { return chance(2) ? range.lowerBound : range.upperBound }
      return Int32.random(in: range, using: &random)
    }
  }
}
