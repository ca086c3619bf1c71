import ADBFormat
import Foundation

/// What a user may say about a network beyond its checkpoint.
public struct ImportOptions: Sendable {
  /// The name of an architecture, or `auto` to match one by tensor names and shapes.
  public var architecture: String
  /// A graph file: its name for messages, and its bytes.
  public var graphFile: (name: String, bytes: Data)?
  /// Renames of tensor keys; `*` in a pattern matches any run of characters, and each `*` of the
  /// replacement stands for what the pattern's `*` at that place matched.
  public var keyMap: [(pattern: String, replacement: String)]
  /// Per-channel mean of the training pixels in 0...1, or nil for the architecture's own.
  public var mean: [Float]?
  /// Per-channel standard deviation of the training pixels in 0...1; goes with `mean`.
  public var std: [Float]?
  /// The extents of an image, or nil for the architecture's own.
  public var inputShape: TensorShape?

  public init(
    architecture: String = "auto", graphFile: (name: String, bytes: Data)? = nil,
    keyMap: [(pattern: String, replacement: String)] = [], mean: [Float]? = nil,
    std: [Float]? = nil, inputShape: TensorShape? = nil
  ) {
    self.architecture = architecture
    self.graphFile = graphFile
    self.keyMap = keyMap
    self.mean = mean
    self.std = std
    self.inputShape = inputShape
  }

  /// Checks what can be checked without a checkpoint.
  func validate() throws(CompileError) {
    if graphFile != nil, architecture != "auto" {
      throw CompileError(
        .usage, "--graph and --arch \(architecture) exclude each other; give one of them")
    }
    if (mean == nil) != (std == nil) {
      throw CompileError(.usage, "--mean and --std go together; give both or neither")
    }
    guard let mean, let std else { return }
    guard mean.count == std.count, !mean.isEmpty else {
      throw CompileError(
        .usage,
        "--mean has \(mean.count) values and --std \(std.count); give one of each per channel")
    }
    guard mean.allSatisfy(\.isFinite), std.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw CompileError(.usage, "--mean must be finite and --std finite and positive")
    }
    // The limits of a graph file.
    guard mean.allSatisfy({ abs($0) <= 1e6 }), std.allSatisfy({ (1e-6...1e6).contains($0) }) else {
      throw CompileError(
        .usage,
        "--mean \(mean) --std \(std): expected means from -1000000 to 1000000 and deviations from "
          + "0.000001 to 1000000, for pixels in 0...1")
    }
  }
}
