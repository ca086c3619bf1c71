import AdderHost
import AdderModel
import CommandLineSupport

/// Inputs and the outputs that the runtime gives for them, as `adder_self_test` takes them.
struct EmittedVectors {
  /// The most bytes of inputs and outputs together, 2²⁶: five times as many characters of C.
  static let byteCountLimit = 1 << 26
  /// The cases written unless `--count` says otherwise.
  static let defaultCount = 4

  let count: Int
  /// For each case the bytes of all inputs, one behind the other.
  private let inputs: [UInt8]
  /// For each case the bytes of all outputs, one behind the other.
  private let outputs: [UInt8]
  private let fileNames: [String]

  /// Runs a model on the first images of `.npy` files, one file for each input.
  ///
  /// - Parameter count: How many; nil for four, or all of fewer.
  /// - Throws: `usage` for a wrong number of files or too many bytes; `unreadable` and `malformed`
  ///   for the files; `unsupported` for an arena above the limit.
  init(
    _ model: Model, named path: String, imagePaths: [String], count: Int?, isUnlimited: Bool
  ) throws(CommandLineFailure) {
    try RunLimits.check(model, named: path)
    let images = try readImages(imagePaths, for: model.imageInputs, use: .option("--vectors"))
    let imageCount = images[0].count
    if let count, count > imageCount {
      throw CommandLineFailure(
        .usage,
        "--count: \(count), expected at most \(imageCount), the images of "
          + InputFile.name(of: imagePaths[0]))
    }
    self.count = count ?? min(Self.defaultCount, imageCount)
    if !isUnlimited {
      try RunLimits.checkSteps(of: model, imageCount: self.count, named: path)
    }
    let byteCount = (model.inputs + model.outputs).reduce(0) { $0 + $1.tensor.byteCount }
    guard byteCount <= Self.byteCountLimit / self.count else {
      throw CommandLineFailure(
        .usage,
        "--count: \(self.count) vectors of \(byteCount) bytes, expected at most "
          + "\(Self.byteCountLimit) bytes; take fewer")
    }
    fileNames = imagePaths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    var inputs: [UInt8] = []
    var outputs: [UInt8] = []
    let session = ModelSession(model, kernels: .interpreter(.automatic))
    for image in 0..<self.count {
      let bytes = images.map { $0[image] }
      inputs += bytes.joined()
      _ = session.run(bytes)
      outputs += model.outputs.flatMap { session.bytes(of: $0.tensor) }
    }
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The names of the files, header first.
  static func fileNames(_ prefix: CPrefix) -> [String] {
    ["\(prefix.name)_vectors.h", "\(prefix.name)_vectors.c"]
  }

  func files(for emitted: EmittedModel) -> [CFile] {
    let name = emitted.prefix.name
    let macro = emitted.prefix.macro
    let fileNames = Self.fileNames(emitted.prefix)
    let images = self.fileNames.map(CText.comment).joined(separator: ", ")
    let comment = """
      \(emitted.signature)
       *
       * For adder_self_test(model, \(name)_vector_inputs, \(name)_vector_outputs,
       * \(macro)_VECTOR_COUNT): the first images of \(images)
       * and what the model of checksum \(emitted.model.checksumText) gives for them.
       */
      """
    let body = """
      #define \(macro)_VECTOR_COUNT \(count)

      /* The bytes of one case: all inputs, or all outputs, one behind the other. */
      #define \(macro)_VECTOR_INPUT_BYTES \(inputs.count / count)
      #define \(macro)_VECTOR_OUTPUT_BYTES \(outputs.count / count)

      extern const uint8_t \(name)_vector_inputs[\(size("INPUT", macro))];
      extern const uint8_t \(name)_vector_outputs[\(size("OUTPUT", macro))];

      """
    return [
      .header(fileNames[0], guard: "\(macro)_VECTORS_H", comment: comment, body),
      CFile(
        name: fileNames[1],
        pieces: [.text("\(emitted.signature) */\n#include \"\(fileNames[0])\"\n\n")]
          + CFile.definition(of: "\(name)_vector_inputs", count: size("INPUT", macro), inputs)
          + [.text("\n")]
          + CFile.definition(of: "\(name)_vector_outputs", count: size("OUTPUT", macro), outputs)),
    ]
  }

  private func size(_ direction: String, _ macro: String) -> String {
    "\(macro)_VECTOR_COUNT * \(macro)_VECTOR_\(direction)_BYTES"
  }
}
