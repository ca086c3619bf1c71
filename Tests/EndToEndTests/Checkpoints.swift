import AdderTestSupport
import CommandLineSupport
import Foundation

/// Files of the bundled example.
enum Bundled {
  static let checkpoint = path("models/fashion-lenet5.pt")
  static let calibration = path("images/fashion-calibration-256.npy")
  static let images = path("images/fashion-test-1000-images.npy")
  static let labels = path("images/fashion-test-1000-labels.npy")
  static let classNames = path("images/fashion-classes.txt")
  /// What the network was trained with.
  static let normalization = ["--mean", "0.2860", "--std", "0.3530"]

  static func path(_ name: String) -> String {
    goldenDirectory().appendingPathComponent(name).path
  }
}

/// Runs `adderc compile` in a directory, on the bundled checkpoint unless told otherwise.
func compileModel(
  _ folder: TemporaryDirectory, _ options: [String], checkpoint: String = Bundled.checkpoint,
  to output: String = "m.adb"
) throws -> ProgramResult {
  try runProgram(
    "adderc", arguments: ["compile", checkpoint, "-o", output] + options, directory: folder.url)
}

/// A tensor of a checkpoint.
struct TestTensor {
  var name: String
  var shape: [Int]
  var values: [Float]
}

/// The bytes of a safetensors file.
func safetensors(_ tensors: [TestTensor], metadata: [String: String] = [:]) throws -> [UInt8] {
  var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
  var data: [UInt8] = []
  for tensor in tensors {
    let start = data.count
    for value in tensor.values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data += $0 }
    }
    header[tensor.name] = [
      "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.count],
    ]
  }
  let text = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
  return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + Array(text) + data
}
