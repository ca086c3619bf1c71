import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

/// The examples of docs/arithmetic.md, through the operations that a model runs.
@Suite struct RequantizerTests {
  /// What a sum goes through: in `requantize` one channel at a time, in a filter layer also two
  /// channels at two positions at once, where the output is `int16`.
  enum Path: CaseIterable {
    case requantize, layer, wideLayer
  }

  /// An entry and its shift, a sum, and the element it becomes.
  struct Example {
    var centre: Int32
    var bias: Int32
    var terms: ScaleTerms
    var sum: Int32
    var shift: UInt8
    var expected: Int32
  }

  /// The rows of the table.
  private static let table = [
    Example(
      centre: -10, bias: 4, terms: ScaleTerms((0, 1), (2, 1)), sum: -7, shift: 3, expected: 2),
    Example(
      centre: -10, bias: 4, terms: ScaleTerms((0, 1), (2, 1)), sum: -13, shift: 3, expected: -2),
    Example(
      centre: -10, bias: 4, terms: ScaleTerms((0, 1), (2, 1)), sum: -10, shift: 3, expected: 0),
    Example(centre: 0, bias: 1, terms: ScaleTerms((0, 1)), sum: 1, shift: 1, expected: 1),
    Example(centre: 0, bias: 1, terms: ScaleTerms((0, 1)), sum: -1, shift: 1, expected: 0),
    Example(centre: 0, bias: 0, terms: ScaleTerms((0, -1)), sum: 7, shift: 0, expected: -7),
  ]

  @Test("requantizes the documented examples", arguments: Path.allCases)
  func table(path: Path) throws {
    for example in Self.table { try check(example, path) }
  }

  @Test("rounds ties up", arguments: Path.allCases)
  func ties(path: Path) throws {
    for (sum, expected) in [(-3, -1), (-1, 0), (1, 1), (3, 2)] as [(Int32, Int32)] {
      try check(
        Example(
          centre: 0, bias: 1, terms: ScaleTerms((0, 1)), sum: sum, shift: 1, expected: expected),
        path)
    }
  }

  @Test("follows the modulus", arguments: Path.allCases)
  func modulus(path: Path) throws {
    let terms = ScaleTerms((31, 1), (1, -1))
    // t = 2³¹ − 1; 2³¹·t = −2³¹ and 2·t = −2 modulo 2³²; p = 2 − 2³¹; p + bias = 1. In 64 bits
    // nothing wraps: p = (2³¹ − 2)·(2³¹ − 1), far above every element.
    try check(
      Example(
        centre: -.max, bias: .max, terms: terms, sum: 0, shift: 0,
        expected: path == .wideLayer ? 32767 : 1), path)
  }

  @Test func `adds the residual behind the shift and in front of the clamp`() throws {
    for (residual, expected) in [(0, 5), (4, 9), (255, 255)] as [(UInt8, Int32)] {
      var model = ModelBuilder()
      let image = model.input(1, 2, 2)
      let other = model.input(1, 2, 2)
      let output = model.tensor(1, 2, 2, .uint8)
      append(
        entry: ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1))), shift: 3, isWide: false,
        filters: [[40, 0], [40, 0]], image, output, residual: other, to: &model)
      model.output(output)
      let inputs = [UInt8](repeating: 0, count: 4) + [UInt8](repeating: residual, count: 4)
      for kernels in KernelClassName.allCases {
        #expect(
          try runModel(model.bytes(), inputs: inputs, kernels: kernels)
            == [Int32](repeating: expected, count: 4))
      }
    }
  }

  /// Runs a model of four elements that all come from one sum.
  private func check(_ example: Example, _ path: Path) throws {
    var model = ModelBuilder()
    let image = model.input(1, 2, 2)
    let output = model.tensor(1, 2, 2, .int16)
    // Sums of absolute differences and elements of an image are not negative: the centre moves with
    // the sum, which changes nothing modulo 2³².
    let shifted = example.centre &- example.sum
    let entry = ChannelEntry(centre: shifted, bias: example.bias, terms: example.terms)
    if path == .requantize {
      let requantizer = model.requantizer([entry], shift: example.shift, output: output)
      model.append(
        Requantize {
          $0.input = image
          $0.output = output
          $0.requantizer = requantizer
        })
    } else {
      append(
        entry: entry, shift: example.shift, isWide: path == .wideLayer,
        filters: [[0, 0], [0, 0]], image, output, residual: nil, to: &model)
    }
    model.output(output)
    for kernels in KernelClassName.allCases {
      let outputs = try runModel(model.bytes(), inputs: [0, 0, 0, 0], kernels: kernels)
      #expect(outputs == [Int32](repeating: example.expected, count: 4), "\(example), \(kernels)")
    }
  }

  /// Appends an adder layer of two filters at two positions.
  private func append(
    entry: ChannelEntry, shift: UInt8, isWide: Bool, filters: [[Int32]], _ image: UInt32,
    _ output: UInt32, residual: UInt32?, to model: inout ModelBuilder
  ) {
    let window = model.window(over: image, kernel: (1, 1))
    let residual = residual ?? Requantizer.noResidual
    let wide = WideChannelEntry(
      centre: Int64(entry.centre), bias: Int64(entry.bias), terms: entry.terms)
    let requantizer =
      isWide
      ? model.wideRequantizer([wide], shift: shift, output: output, residual: residual)
      : model.requantizer([entry], shift: shift, output: output, residual: residual)
    let patch = model.patch(of: window, input: image, output: output, .uint8, padValues: [0, 0])
    let stored = model.filters(filters, .uint8)
    model.append(
      Adder2D {
        $0.layer.input = image
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.filtersOffset = stored.offset
        $0.filterMaximum = stored.maximum
      })
  }
}
