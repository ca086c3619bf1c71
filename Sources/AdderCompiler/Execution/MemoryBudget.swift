import ADBFormat

extension Graph {
  /// Bytes that running one image takes at most: all values alive at once, in single precision, the
  /// copy that each step makes included.
  func peakBytesPerImage(_ shapes: [String: TensorShape]) -> Int {
    let lastReaders = lastReaders()
    var alive = inputs.reduce(0) { $0 + $1.shape.elementCount }
    var peak = alive
    for (index, node) in nodes.enumerated() {
      let output = shapes[known: node.name].elementCount
      alive += output
      peak = max(peak, alive + output)
      for name in Set(node.inputs) where lastReaders[name] == index {
        alive -= shapes[known: name].elementCount
      }
    }
    return peak * MemoryLayout<Float>.stride
  }
}

/// How many images a stage may hold at once.
enum MemoryBudget {
  /// For float runs, which go round by round.
  static let roundBytes = 256 << 20
  /// For ``fitRequantizers(_:against:on:progress:)``, which holds all images of two networks.
  static let fitBytes = 1 << 30

  static func imagesPerRound(bytesPerImage: Int) -> Int {
    max(1, min(32, roundBytes / max(1, bytesPerImage)))
  }

  /// Two networks' values, and as much again for what a step computes on the way.
  static func imagesToFit(bytesPerImage: Int) -> Int {
    max(1, fitBytes / max(1, 4 * bytesPerImage))
  }
}
