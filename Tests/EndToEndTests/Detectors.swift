import ADBFormat
import AdderTestSupport
import CommandLineSupport
import Foundation

/// A model whose outputs are inputs of its own, so that each box is the test's: `ModelBuilder.detector`
/// on images of 48 × 64 pixels. A byte x of an input stands for x − 128 pixels or logits.
struct PlantedDetector {
  /// An object at a location of a level.
  struct Object {
    var level = 0
    var row: Int
    var column: Int
    var label: Int
    var logit: Int
    var centerness: Int
    /// To the left, top, right and bottom side.
    var distances: [Int]
  }

  var classNames = ["cat", "dog", "frog"]
  var candidateLimit: UInt16 = 200

  func model() -> [UInt8] {
    var model = ModelBuilder.detector { header, _ in
      header.candidateLimit = candidateLimit
      header.boxLimit = min(header.boxLimit, candidateLimit)
    }
    let values = ["image", "c0", "d0", "q0", "c1", "d1", "q1"]
    model.names =
      ["planted"] + values + values.dropFirst().map { "out-" + $0 }
      + values.dropFirst().map { "layer-" + $0 }
    model.classNames = classNames
    return model.bytes()
  }

  /// Writes the model as `m.adb` and its inputs.
  ///
  /// - Parameter images: The objects of each image, whose pixels are all 60.
  /// - Returns: The arguments for `adderrun`.
  func write(_ images: [[Object]], to folder: TemporaryDirectory) throws -> [String] {
    try folder.write(model(), to: "m.adb")
    var bytes: [String: [UInt8]] = [:]
    for objects in images {
      bytes["image", default: []] += [UInt8](repeating: 60, count: 48 * 64)
      for (level, (rows, columns)) in [(6, 8), (3, 4)].enumerated() {
        // No candidate: 28 below a logit of 0.
        var classes = [UInt8](repeating: 100, count: rows * columns * 3)
        var distances = [UInt8](repeating: 128, count: rows * columns * 4)
        var centerness = [UInt8](repeating: 128, count: rows * columns)
        for object in objects where object.level == level {
          let place = object.row * columns + object.column
          classes[3 * place + object.label] = UInt8(128 + object.logit)
          centerness[place] = UInt8(128 + object.centerness)
          for side in 0..<4 { distances[4 * place + side] = UInt8(128 + object.distances[side]) }
        }
        bytes["c\(level)", default: []] += classes
        bytes["d\(level)", default: []] += distances
        bytes["q\(level)", default: []] += centerness
      }
    }
    var arguments = ["m.adb"]
    for (name, values) in bytes.sorted(by: { $0.key < $1.key }) {
      try folder.write(values, to: "\(name).raw")
      arguments += ["--input", "\(name)=\(name).raw"]
    }
    return arguments
  }

  /// Three objects, and one that is the first again, less sure.
  static let objects = [
    // At (28, 20): 20, 16, 40, 26 with √(σ(2)·σ(3)) = 0.916.
    Object(row: 2, column: 3, label: 1, logit: 2, centerness: 3, distances: [8, 4, 12, 6]),
    Object(row: 2, column: 4, label: 1, logit: 1, centerness: 3, distances: [16, 4, 4, 6]),
    // At (24, 24): 16, 16, 32, 32 with √(σ(−1)·σ(0)) = 0.367.
    Object(
      level: 1, row: 1, column: 1, label: 2, logit: -1, centerness: 0, distances: [8, 8, 8, 8]),
    // At (8, 8), 16 to the left: 0, 0, 16, 16 with √(σ(−2)·σ(0)) = 0.244.
    Object(
      level: 1, row: 0, column: 0, label: 0, logit: -2, centerness: 0, distances: [16, 8, 8, 8]),
  ]
}

/// A checkpoint of a small detector, for images of 16 × 24 pixels.
enum SmallDetector {
  private static let graph = """
    {"schema": "adder-graph-1", "name": "small",
     "inputs": [{"name": "image", "shape": [1, 16, 24], "mean": [0.5], "std": [0.25]}],
     "nodes": [
      {"name": "a", "op": "adder2d", "inputs": ["image"], "stride": 8, "padding": 1,
       "parameters": {"weight": "a.adder"}},
      {"name": "c", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "c.weight"}},
      {"name": "d", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "d.weight"}},
      {"name": "r", "op": "relu", "inputs": ["d"]},
      {"name": "q", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "q.weight"}}],
     "outputs": ["c", "r", "q"]}
    """

  /// Writes `m.safetensors`, with a description of its boxes unless it is nil, and `images.npy`.
  static func write(_ detection: String?, to folder: TemporaryDirectory) throws {
    func tensor(_ name: String, _ shape: [Int]) -> TestTensor {
      let count = shape.reduce(1, *)
      return TestTensor(
        name: name, shape: shape, values: (0..<count).map { Float($0 * 7 % 11) / 16 - 0.25 })
    }
    var metadata = ["adder.graph": graph]
    metadata["adder.detection"] = detection
    try folder.write(
      safetensors(
        [
          tensor("a.adder", [4, 1, 3, 3]), tensor("c.weight", [3, 4, 1, 1]),
          tensor("d.weight", [4, 4, 1, 1]), tensor("q.weight", [1, 4, 1, 1]),
        ], metadata: metadata), to: "m.safetensors")
    var random = SplitMix64(seed: 13)
    let pixels = (0..<16 * 16 * 24).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    try folder.write(imageFile(pixels, shape: [16, 1, 16, 24]), to: "images.npy")
  }
}
