/// The geometry shared by convolutions, adder layers and pools.
///
/// The output extent is `(input + padBefore + padAfter − dilation·(kernel − 1) − 1) / stride + 1`,
/// rounded down.
public struct Window: Equatable, Sendable {
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideHeight: Int
  public var strideWidth: Int
  public var padding: Padding
  public var dilationHeight: Int
  public var dilationWidth: Int

  public init(
    kernelHeight: Int, kernelWidth: Int, strideHeight: Int = 1, strideWidth: Int = 1,
    padding: Padding = Padding(), dilationHeight: Int = 1, dilationWidth: Int = 1
  ) {
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padding = padding
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
  }

  /// A square window with the same stride, padding and dilation in both directions.
  public init(kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    self.init(
      kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
      padding: Padding(all: padding), dilationHeight: dilation, dilationWidth: dilation)
  }
}

/// Positions added around an image.
public struct Padding: Equatable, Sendable {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  public init(all: Int) {
    self.init(top: all, left: all, bottom: all, right: all)
  }

  public var isZero: Bool { self == Padding() }
}
