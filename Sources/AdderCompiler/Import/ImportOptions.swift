import ADBFormat
import AdderText
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
    var findings = [
      finding("mean", mean, expected: "the mean") { (0...1).contains($0) },
      finding("std", std, expected: "the standard deviation") { (1e-6...1).contains($0) },
    ].compactMap(\.self)
    if std.contains(0) {
      findings.append(
        "--std: 0, expected a positive number; give the standard deviation of the training pixels, "
          + "or 1 where training did not divide by it")
    }
    guard findings.isEmpty else { throw CompileError(.usage, messages: findings) }
  }

  /// What is wrong with statistics of pixels that are not in 0...1, with those that are where they
  /// are 255 times as large.
  private func finding(
    _ option: String, _ values: [Float], expected: String, fits: (Float) -> Bool
  ) -> String? {
    guard !values.allSatisfy({ fits($0) || $0 == 0 }) else { return nil }
    func list(_ values: [Float]) -> String {
      values.map { significant(Double($0), 6) }.joined(separator: ",")
    }
    let scaled = values.map { $0 / 255 }
    let remedy =
      scaled.allSatisfy(fits)
      ? "divide them by 255: --\(option) " + list(scaled.map { ($0 * 1e4).rounded() / 1e4 })
      : "give those of the training pixels after their division by 255"
    return "--\(option) \(list(values)): expected \(expected) of pixels in 0...1; \(remedy)"
  }
}

extension Normalization {
  /// Whether these are statistics of pixels in 0...1, and not of bytes.
  var isOfUnitPixels: Bool {
    mean.allSatisfy { (0...1).contains($0) } && std.allSatisfy { (0...1).contains($0) }
  }
}
