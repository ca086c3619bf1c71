import ADBFormat

// Which windows pools have that say more than a kernel.

extension TensorShape {
  /// PyTorch's adaptive average pool as an operation of regular windows; nil where its windows differ.
  ///
  /// Window i of n over e rows holds the rows from ⌊i·e / n⌋ to ⌈(i + 1)·e / n⌉. They are alike if n
  /// divides e, for n of 1 and 2, and if e divides n, where each has one row, repeated.
  func adaptiveAveragePool(to output: TensorShape) -> GraphOperation? {
    if output.height % height == 0, output.width % width == 0, output != self {
      let factors = (output.height / height, output.width / width)
      guard Limits.factors.contains(factors.0), Limits.factors.contains(factors.1) else {
        return nil
      }
      return .rearrange(.upsampleNearest(factorHeight: factors.0, factorWidth: factors.1))
    }
    guard let rows = regularWindow(height, output.height),
      let columns = regularWindow(width, output.width)
    else { return nil }
    return .averagePool(
      Window(
        kernelHeight: rows.kernel, kernelWidth: columns.kernel, strideHeight: rows.stride,
        strideWidth: columns.stride))
  }

  /// Why an adaptive average pool is none of regular windows.
  func irregularWindows(to output: TensorShape) -> String {
    "windows of different sizes or steps divide \(height)x\(width) positions into "
      + "\(output.height)x\(output.width), whose means need different divisors; pool to divisors "
      + "of the input's rows and columns, or interpolate the input"
  }
}

private func regularWindow(_ extent: Int, _ count: Int) -> (kernel: Int, stride: Int)? {
  guard count <= extent, count <= 2 || extent % count == 0 else { return nil }
  let kernel = (extent + count - 1) / count
  guard Limits.windowExtents.contains(kernel) else { return nil }
  return (kernel, max(1, extent / count))
}

extension Window {
  /// The window with the padding that PyTorch's `ceil_mode` adds below and on the right: for one more
  /// window, if that starts inside the input or its leading padding.
  func roundingUp(over input: TensorShape) -> Window {
    func surplus(
      _ extent: Int, _ before: Int, _ after: Int, _ kernel: Int, _ stride: Int, _ dilation: Int
    ) -> Int {
      let free = extent + before + after - dilation * (kernel - 1) - 1
      guard free >= 0, free % stride != 0, (free / stride + 1) * stride < extent + before else {
        return 0
      }
      return stride - free % stride
    }
    var result = self
    result.padding.bottom += surplus(
      input.height, padding.top, padding.bottom, kernelHeight, strideHeight, dilationHeight)
    result.padding.right += surplus(
      input.width, padding.left, padding.right, kernelWidth, strideWidth, dilationWidth)
    return result
  }

  /// Whether some window over an input holds padding beyond the first of each side.
  func reachesPadding(over input: TensorShape, beyond counted: Padding) -> Bool {
    func reaches(
      _ extent: Int, _ before: Int, _ after: Int, _ counted: (before: Int, after: Int),
      _ kernel: Int, _ stride: Int, _ dilation: Int
    ) -> Bool {
      let free = extent + before + after - dilation * (kernel - 1) - 1
      let last = free - free % stride + dilation * (kernel - 1) - before
      return before > counted.before || last >= extent + counted.after
    }
    return reaches(
      input.height, padding.top, padding.bottom, (counted.top, counted.bottom), kernelHeight,
      strideHeight, dilationHeight)
      || reaches(
        input.width, padding.left, padding.right, (counted.left, counted.right), kernelWidth,
        strideWidth, dilationWidth)
  }

  /// How many taps of each window lie inside an input or the padding counted with it.
  ///
  /// - Parameter shape: Of the output.
  func counts(
    over input: TensorShape, with counted: Padding, shape: TensorShape
  ) -> WindowCounts {
    func inside(
      _ windows: Int, _ bounds: Range<Int>, _ before: Int, _ kernel: Int, _ stride: Int,
      _ dilation: Int
    ) -> [Int] {
      (0..<windows).map { index in
        let first = index * stride - before
        /// The taps that lie before a place.
        func taps(before place: Int) -> Int {
          Swift.min(kernel, (Swift.max(0, place - first) + dilation - 1) / dilation)
        }
        return taps(before: bounds.upperBound) - taps(before: bounds.lowerBound)
      }
    }
    let columns = inside(
      shape.width, -counted.left..<input.width + counted.right, padding.left, kernelWidth,
      strideWidth, dilationWidth)
    let rows = inside(
      shape.height, -counted.top..<input.height + counted.bottom, padding.top, kernelHeight,
      strideHeight, dilationHeight)
    return WindowCounts(rows: rows, columns: columns)
  }

  /// The one window over an input without its padding; nil if there are more.
  func withoutPadding(over input: TensorShape) -> Window? {
    func inside(
      _ extent: Int, _ before: Int, _ after: Int, _ kernel: Int, _ stride: Int
    ) -> Int? {
      let free = extent + before + after - kernel
      return free >= 0 && free < stride && kernel - before >= 1
        ? Swift.min(kernel - before, extent) : nil
    }
    guard dilationHeight == 1, dilationWidth == 1,
      let rows = inside(input.height, padding.top, padding.bottom, kernelHeight, strideHeight),
      let columns = inside(input.width, padding.left, padding.right, kernelWidth, strideWidth)
    else { return nil }
    return Window(
      kernelHeight: rows, kernelWidth: columns, strideHeight: Swift.max(strideHeight, input.height),
      strideWidth: Swift.max(strideWidth, input.width))
  }
}

/// How many rows of each row of windows are counted, and how many columns of each column.
struct WindowCounts: Sendable {
  let rows: [Int]
  let columns: [Int]

  /// Of the window at a position of a batch of outputs.
  subscript(position: Int) -> Int {
    let (row, column) = position.quotientAndRemainder(dividingBy: columns.count)
    return rows[row % rows.count] * columns[column]
  }

  /// The numbers that occur.
  var different: Set<Int> {
    let columns = Set(columns)
    return Set(Set(rows).flatMap { row in columns.map { row * $0 } })
  }
}

extension Topology.Node {
  /// What a pool's attributes make of its window over an input.
  ///
  /// - Parameter operation: The pool; another operation is returned as it is.
  /// - Throws: Why an adaptive pool's windows need different divisors, or windows are too large for
  ///   that.
  func pool(
    _ operation: GraphOperation, over input: TensorShape
  ) throws(ShapeMismatch) -> GraphOperation {
    switch operation {
    case .maxPool(let window):
      return .maxPool(flag("ceil_mode") ? window.roundingUp(over: input) : window)
    case .averagePool(let declared, _):
      guard self.operation == .averagePool else { return operation }
      let window = flag("ceil_mode") ? declared.roundingUp(over: input) : declared
      let counted = flag("count_include_pad") ? declared.padding : Padding()
      guard window.reachesPadding(over: input, beyond: counted) else {
        return .averagePool(window)
      }
      if counted.isZero, let whole = window.withoutPadding(over: input) {
        return .averagePool(whole)
      }
      let tapCount = window.kernelHeight * window.kernelWidth
      guard tapCount <= Limits.patchElementCount else {
        throw ShapeMismatch(
          text: "windows of \(tapCount) positions over the input \(input.text) need different "
            + "divisors, which at most \(Limits.patchElementCount) may have; pool to whole windows "
            + "without padding")
      }
      return .averagePool(window, counted: counted)
    case .adaptiveAveragePool(let height, let width):
      let output = TensorShape(height: height, width: width, channels: input.channels)
      guard input.adaptiveAveragePool(to: output) != nil else {
        throw ShapeMismatch(text: input.irregularWindows(to: output))
      }
      return operation
    default: return operation
    }
  }
}
