import ADBFormat

/// One value of a graph for several images, [images, height, width, channels].
struct ValueBatch: Sendable {
  let imageCount: Int
  let shape: TensorShape
  var elements: [Float]

  init(imageCount: Int, shape: TensorShape, elements: [Float]) {
    precondition(elements.count == imageCount * shape.elementCount)
    self.imageCount = imageCount
    self.shape = shape
    self.elements = elements
  }

  init(zeros shape: TensorShape, imageCount: Int) {
    self.init(
      imageCount: imageCount, shape: shape,
      elements: [Float](repeating: 0, count: imageCount * shape.elementCount))
  }

  /// The batch with each element mapped, channels last.
  func map(_ transform: @Sendable (Float, _ channel: Int) -> Float) -> ValueBatch {
    var result = self
    let channels = shape.channels
    result.elements.withUnsafeMutableBufferPointer { elements in
      nonisolated(unsafe) let elements = elements
      forEachChunk(of: elements.count / channels, minimum: 4096) { positions in
        for position in positions {
          for channel in 0..<channels {
            let index = position * channels + channel
            elements[index] = transform(elements[index], channel)
          }
        }
      }
    }
    return result
  }
}
