import ADBFormat
import AdderCompiler
import AdderTestSupport
import Testing

@Suite struct SlidingSumsTests {
  /// The sums by seven nested loops, from the formula.
  private func reference(
    _ sum: SlidingSum, _ input: ValueBatch, _ filters: FilterTensor<Float>, groups: Int,
    _ window: Window,
    _ padValues: [Float], _ output: TensorShape
  ) -> [Float] {
    var result: [Float] = []
    let shape = input.shape
    for n in 0..<input.imageCount {
      for oy in 0..<output.height {
        for ox in 0..<output.width {
          for o in 0..<filters.outputChannels {
            var total: Float = 0
            let group = o / (filters.outputChannels / groups)
            for c in 0..<filters.inputChannels {
              for ky in 0..<filters.height {
                for kx in 0..<filters.width {
                  let y = oy * window.strideHeight - window.padding.top + ky * window.dilationHeight
                  let x = ox * window.strideWidth - window.padding.left + kx * window.dilationWidth
                  let channel = group * filters.inputChannels + c
                  let isInside = (0..<shape.height).contains(y) && (0..<shape.width).contains(x)
                  let element =
                    isInside
                    ? input.elements[
                      ((n * shape.height + y) * shape.width + x) * shape.channels + channel]
                    : padValues[channel]
                  let f = filters.values[
                    ((o * filters.inputChannels + c) * filters.height + ky) * filters.width + kx]
                  switch sum {
                  case .absoluteDifferences: total += abs(element - f)
                  case .products: total += element * f
                  }
                }
              }
            }
            result.append(total)
          }
        }
      }
    }
    return result
  }

  struct Geometry: Sendable {
    var channels: Int
    var filters: Int
    var groups = 1
    var window: Window
    var images = 1
    var height = 7
    var width = 9
  }

  static let geometries: [Geometry] = [
    Geometry(channels: 1, filters: 1, window: Window(kernel: 1)),
    Geometry(channels: 3, filters: 7, window: Window(kernel: 3, padding: 1), images: 3),
    Geometry(channels: 7, filters: 17, window: Window(kernel: 3, stride: 2, padding: 1), images: 2),
    Geometry(channels: 17, filters: 3, window: Window(kernel: 5, stride: 3, padding: 2)),
    Geometry(
      channels: 3, filters: 9,
      window: Window(
        kernelHeight: 2, kernelWidth: 4, strideHeight: 1, strideWidth: 3,
        padding: Padding(top: 3, left: 0, bottom: 1, right: 2), dilationHeight: 3,
        dilationWidth: 2), images: 4),
    Geometry(channels: 7, filters: 7, groups: 7, window: Window(kernel: 3, padding: 1), images: 2),
    Geometry(channels: 6, filters: 18, groups: 2, window: Window(kernel: 3, padding: 1), images: 2),
    Geometry(channels: 6, filters: 12, groups: 6, window: Window(kernel: 2, stride: 2)),
    Geometry(
      channels: 17, filters: 8, window: Window(kernelHeight: 7, kernelWidth: 9), images: 5),
    Geometry(channels: 1, filters: 16, window: Window(kernel: 1), images: 33, height: 1, width: 1),
    // Only padding lies under the outermost windows.
    Geometry(channels: 2, filters: 3, window: Window(kernel: 2, padding: 4)),
  ]

  @Test("sums are those of the formula", arguments: geometries)
  func matchesTheFormula(_ geometry: Geometry) throws {
    var random = SplitMix64(seed: 20)
    let shape = TensorShape(
      height: geometry.height, width: geometry.width, channels: geometry.channels)
    // Whole numbers, whose sums are exact in any order.
    func integers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(Int.random(in: -100...100, using: &random)) }
    }
    let input = ValueBatch(
      imageCount: geometry.images, shape: shape,
      elements: integers(geometry.images * shape.elementCount))
    let perGroup = geometry.channels / geometry.groups
    let (window, groups) = (geometry.window, geometry.groups)
    let filters = FilterTensor(
      outputChannels: geometry.filters, inputChannels: perGroup, height: window.kernelHeight,
      width: window.kernelWidth,
      values: integers(geometry.filters * perGroup * window.kernelHeight * window.kernelWidth))
    let graph = Graph(
      channels: shape.channels, height: shape.height, width: shape.width,
      [
        Node(
          name: "n",
          operation: .conv2d(WindowedLayer(filters: filters, window: window, groups: groups)),
          inputs: ["image"])
      ])
    let output = try #require(try graph.inferShapes()["n"])
    let padValues = integers(geometry.channels)
    for sum in [SlidingSum.absoluteDifferences, .products] {
      let sums = slidingSums(
        sum, of: input, with: PackedFilters(filters, groups: groups), window: window,
        padValues: padValues, output: output)
      #expect(
        sums.elements == reference(sum, input, filters, groups: groups, window, padValues, output))
    }
  }
}
