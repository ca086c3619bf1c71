/// The extents of one image's activations, [height, width, channels] with channels innermost.
///
/// A vector is `1 × 1 × channels`. The batch dimension does not exist: a model runs one image at a
/// time.
public struct TensorShape: Equatable, Sendable {
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }
}
