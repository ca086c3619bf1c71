import ADBFormat

/// One value of a graph for several images, [images, height, width, channels].
package struct ValueBatch: Sendable {
  package let imageCount: Int
  package let shape: TensorShape
  package var elements: [Float]

  /// - Precondition: `elements` holds all images' elements.
  package init(imageCount: Int, shape: TensorShape, elements: [Float]) {
    precondition(elements.count == imageCount * shape.elementCount)
    self.imageCount = imageCount
    self.shape = shape
    self.elements = elements
  }

  package init(zeros shape: TensorShape, imageCount: Int) {
    self.init(
      imageCount: imageCount, shape: shape,
      elements: [Float](repeating: 0, count: imageCount * shape.elementCount))
  }

  /// The batch with each element mapped, channels last.
  package func map(_ transform: @Sendable (Float, _ channel: Int) -> Float) -> ValueBatch {
    map { x, channel, _ in transform(x, channel) }
  }

  /// The same for a function that knows where in the batch the element is, too.
  func map(_ transform: @Sendable (Float, _ channel: Int, _ index: Int) -> Float) -> ValueBatch {
    var result = self
    let channels = shape.channels
    result.elements.withUnsafeMutableBufferPointer { elements in
      nonisolated(unsafe) let elements = elements
      forEachChunk(of: elements.count / channels, minimum: 4096) { positions in
        for position in positions {
          for channel in 0..<channels {
            let index = position * channels + channel
            elements[index] = transform(elements[index], channel, index)
          }
        }
      }
    }
    return result
  }
  /// A batch whose elements `fill` writes, all of them.
  init(
    imageCount: Int, shape: TensorShape, filledBy fill: (UnsafeMutablePointer<Float>) -> Void
  ) {
    let count = imageCount * shape.elementCount
    self.init(
      imageCount: imageCount, shape: shape,
      elements: [Float](unsafeUninitializedCapacity: count) { elements, initializedCount in
        elements.baseAddress.map(fill)
        initializedCount = count
      })
  }

  /// Changes the elements in place, on all cores.
  ///
  /// - Parameter body: Called with all elements, and those that it is to change, whole positions.
  mutating func update(
    _ body: @Sendable (_ elements: UnsafeMutablePointer<Float>, _ range: Range<Int>) -> Void
  ) {
    let channels = shape.channels
    elements.withUnsafeMutableBufferPointer { elements in
      nonisolated(unsafe) let start = elements.baseAddress.unsafelyUnwrapped
      forEachChunk(of: elements.count / channels, minimum: 4096) { positions in
        body(start, positions.lowerBound * channels..<positions.upperBound * channels)
      }
    }
  }
}
