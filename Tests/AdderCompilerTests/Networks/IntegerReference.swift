import ADBFormat
import AdderCompiler

/// Runs a quantized graph by plain loops over integers, as docs/arithmetic.md defines them.
///
/// Sums are 64 bits wide everywhere, so a program whose narrow arithmetic overflows differs.
struct IntegerReference {
  let graph: QuantizedGraph

  /// All values of one image by name, [height, width, channels].
  func run(_ images: [[UInt8]]) -> [String: [Int]] {
    var values: [String: [Int]] = [:]
    for (input, image) in zip(graph.inputs, images) { values[input.name] = image.map(Int.init) }
    for node in graph.nodes {
      let operands = node.inputs.map { values[$0] ?? [] }
      let shapes = node.inputs.compactMap { graph.shapes[$0] }
      let output = graph.shapes[node.name] ?? TensorShape(height: 0, width: 0, channels: 0)
      let zeroPoint = graph.quantizations[node.inputs[0]]?.zeroPoint ?? 0
      values[node.name] = evaluate(
        node.operation, operands, shapes, output: output, zeroPoint: zeroPoint)
    }
    return values
  }

  private func evaluate(
    _ operation: QuantizedOperation, _ operands: [[Int]], _ shapes: [TensorShape],
    output: TensorShape, zeroPoint: Int
  ) -> [Int] {
    let (x, from) = (operands[0], shapes[0])
    func element(_ y: Int, _ column: Int, _ c: Int) -> Int? {
      guard y >= 0, y < from.height, column >= 0, column < from.width else { return nil }
      return x[(y * from.width + column) * from.channels + c]
    }
    func positions(_ body: (_ y: Int, _ x: Int, _ c: Int) -> Int) -> [Int] {
      var result: [Int] = []
      for y in 0..<output.height {
        for x in 0..<output.width {
          for c in 0..<output.channels { result.append(body(y, x, c)) }
        }
      }
      return result
    }
    /// The elements of a window's taps in one channel, nil where padded.
    func taps(_ window: Window, _ y: Int, _ x: Int, _ c: Int) -> [Int?] {
      var result: [Int?] = []
      for ky in 0..<window.kernelHeight {
        for kx in 0..<window.kernelWidth {
          result.append(
            element(
              y * window.strideHeight - window.padding.top + ky * window.dilationHeight,
              x * window.strideWidth - window.padding.left + kx * window.dilationWidth, c))
        }
      }
      return result
    }
    func layerSum(_ layer: QuantizedLayer, isAdder: Bool, _ y: Int, _ x: Int, _ o: Int) -> Int {
      let filters = layer.filters
      let group = o / (filters.outputChannels / layer.groups)
      let area = filters.height * filters.width
      var sum = 0
      for c in 0..<filters.inputChannels {
        let channel = group * filters.inputChannels + c
        for (tap, read) in taps(layer.window, y, x, channel).enumerated() {
          let f = Int(filters.values[(o * filters.inputChannels + c) * area + tap])
          var value = layer.padValues[channel]
          if let read { value = layer.patch.conversion.map { convert(read, $0) } ?? read }
          sum += isAdder ? abs(value - f) : value * f
        }
      }
      return sum
    }

    switch operation {
    case .adder2d(let layer), .conv2d(let layer):
      var isAdder = false
      if case .adder2d = operation { isAdder = true }
      return positions { y, x, o in
        requantize(
          layerSum(layer, isAdder: isAdder, y, x, o), layer.map, o,
          layer.addsResidual ? operands[1][(y * output.width + x) * output.channels + o] : 0)
      }
    case .requantize(let map):
      return positions { y, x, c in requantize(element(y, x, c) ?? 0, map, c, 0) }
    case .add(let map, let second):
      return zip(x, operands[1]).map { a, b in
        let first = map.entries[0]
        let p =
          first.multiplier * (a - first.centre) + first.bias
          + second.multiplier * (b - second.centre) + second.bias
        return min(max(p >> map.shift, map.bounds.lowerBound), map.bounds.upperBound)
      }
    case .maxPool(let window):
      return positions { y, x, c in taps(window, y, x, c).compactMap { $0 }.max() ?? .min }
    case .averagePool(let window, let map, let countsPadding):
      return positions { y, x, c in
        let taps = taps(window, y, x, c)
        return countsPadding
          ? requantize(taps.reduce(0) { $0 + ($1 ?? zeroPoint) }, map, c, 0)
          : requantize(
            taps.reduce(0) { $0 + ($1 ?? 0) }, map, taps.count { $0 != nil }, 0)
      }
    case .concat:
      return positions { y, x, c in
        var c = c
        for (operand, shape) in zip(operands, shapes) {
          if c < shape.channels { return operand[(y * shape.width + x) * shape.channels + c] }
          c -= shape.channels
        }
        return .min
      }
    case .lookup(let lookup):
      return positions { y, x, c in
        let table = lookup.tables[lookup.tables.count == 1 ? 0 : c]
        guard let value = element(y, x, c) else { return .min }
        var result = lookup.segmentShift == 0 ? table[value] : 0
        if lookup.segmentShift > 0 {
          let size = 1 << lookup.segmentShift
          let (entry, rest) = (value + 32768).quotientAndRemainder(dividingBy: size)
          let half = lookup.shift == 0 ? 0 : 1 << (lookup.shift - 1)
          result =
            (table[entry] * (size - rest) + table[min(entry + 1, table.count - 1)] * rest + half)
            >> lookup.shift
        }
        return min(max(result, lookup.bounds.lowerBound), lookup.bounds.upperBound)
      }
    case .rearrange(let rearrangement):
      // Not independent of the compiler; the interpreter's kernels are.
      return positions { row, column, channel in
        rearrangement.source(row: row, column: column, channel: channel, in: from).map { x[$0] }
          ?? zeroPoint
      }
    }
  }

  private func convert(_ x: Int, _ conversion: PatchQuantization.Conversion) -> Int {
    let half = conversion.shift == 0 ? 0 : 1 << (conversion.shift - 1)
    let y = ((x + half) >> conversion.shift) + conversion.offset
    return min(max(y, conversion.bounds.lowerBound), conversion.bounds.upperBound)
  }

  private func requantize(_ sum: Int, _ map: FixedPointMap, _ channel: Int, _ residual: Int) -> Int
  {
    let entry = map.entries[map.entries.count == 1 ? 0 : channel]
    let v = (entry.multiplier * (sum - entry.centre) + entry.bias) >> map.shift
    return min(max(v + residual, map.bounds.lowerBound), map.bounds.upperBound)
  }
}
