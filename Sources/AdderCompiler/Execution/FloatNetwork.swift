import ADBFormat

/// A network in single precision, for comparing a compiled model with its checkpoint.
public struct FloatNetwork {
  private let executor: FloatExecutor
  private let shapes: [TensorShape]
  private let imagesPerRound: Int

  /// - Throws: What ``Graph/inferShapes()`` finds.
  public init(_ graph: Graph) throws(CompileError) {
    let expanded = expandNormalization(graph)
    executor = try FloatExecutor(expanded)
    shapes = graph.inputs.map(\.shape)
    imagesPerRound = MemoryBudget.imagesPerRound(
      bytesPerImage: expanded.peakBytesPerImage(try expanded.inferShapes()))
  }

  /// - Parameters:
  ///   - inputs: For each input of the network, the images as bytes, [height, width, channels].
  ///   - observe: Called with every node's values of a round, [images, height, width, channels].
  /// - Returns: For each image all outputs in order, each [height, width, channels].
  /// - Complexity: Memory for one round of images, at most 32.
  public func run(
    _ inputs: [[[UInt8]]], observe: (_ name: String, _ values: [Float]) -> Void = { _, _ in },
    progress: (Int) -> Void = { _ in }
  ) -> [[Float]] {
    var results: [[Float]] = []
    let imageCount = inputs[0].count
    for start in stride(from: 0, to: imageCount, by: imagesPerRound) {
      let end = min(imageCount, start + imagesPerRound)
      let batches = zip(inputs, shapes).map { images, shape in
        ValueBatch(
          imageCount: end - start, shape: shape,
          elements: images[start..<end].flatMap { $0.map(Float.init) })
      }
      let outputs = executor.run(batches) { name, value in observe(name, value.elements) }
      for image in 0..<end - start {
        results.append(
          outputs.flatMap { output in
            let count = output.shape.elementCount
            return output.elements[image * count..<(image + 1) * count]
          })
      }
      progress(end)
    }
    return results
  }
}
