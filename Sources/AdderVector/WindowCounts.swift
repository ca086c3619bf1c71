import ADBFormat

/// How many taps of each window lie inside the input: the product of its rows and columns there.
struct WindowCounts: Sendable {
  private let rows: [Int]
  private let columns: [Int]
  /// The numbers that occur.
  let different: [Int]
  private let places: [Int: Int]

  init(_ window: Stored<WindowGeometry>, input: TensorRecord, output: TensorRecord) {
    rows = inside(
      output.height, of: input.height, window.kernelHeight, window.strideHeight,
      window.dilationHeight, window.padTop)
    columns = inside(
      output.width, of: input.width, window.kernelWidth, window.strideWidth,
      window.dilationWidth, window.padLeft)
    let columnKinds = Set(columns)
    different = Set(Set(rows).flatMap { row in columnKinds.map { row * $0 } }).sorted()
    places = Dictionary(uniqueKeysWithValues: different.enumerated().map { ($1, $0) })
  }

  /// The place in `different` of the number at a position, and how many positions of its row from
  /// there on have it.
  func run(from position: Int) -> (place: Int, count: Int) {
    let (row, column) = position.quotientAndRemainder(dividingBy: columns.count)
    let rest = columns[column...]
    let end = rest.firstIndex { $0 != columns[column] } ?? rest.endIndex
    return (places[rows[row] * columns[column]] ?? 0, end - column)
  }
}

/// Of each window of rows or columns the taps inside the extent.
private func inside(
  _ windowCount: UInt32, of extent: UInt32, _ kernel: UInt16, _ stride: UInt16,
  _ dilation: UInt16, _ padding: UInt16
) -> [Int] {
  (0..<Int(windowCount)).map { index in
    let first = index * Int(stride) - Int(padding)
    /// The taps, at `first` and in steps of the dilation, that lie before a place.
    func taps(before place: Int) -> Int {
      let distance = max(0, place - first)
      return min(Int(kernel), (distance + Int(dilation) - 1) / Int(dilation))
    }
    return taps(before: Int(extent)) - taps(before: 0)
  }
}
