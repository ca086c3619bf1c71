import ADBFormat
import AdderHost
import AdderModel
import CommandLineSupport

/// A new directory with one `.npy` file for each operation, which appears whole or not at all.
struct LayerDump {
  private let directory: NewDirectory

  /// Finds out whether the directory can be made, before any work is done for it.
  ///
  /// - Throws: `cannotCreate` where something other than an empty directory has the name.
  init(_ path: String) throws(CommandLineFailure) {
    directory = try NewDirectory(path)
  }

  /// Runs one image and writes the output of every operation.
  ///
  /// - Throws: `cannotCreate`; nothing is left then.
  func stage(_ session: ModelSession, _ inputs: [[UInt8]]) throws(CommandLineFailure) {
    try directory.create()
    var written: Result<Void, CommandLineFailure> = .success(())
    _ = session.run(inputs) { layer in
      guard case .success = written else { return }
      do throws(CommandLineFailure) {
        try write(layer, of: session)
      } catch {
        written = .failure(error)
      }
    }
    do {
      try written.get()
    } catch {
      discard()
      throw error
    }
  }

  /// Gives the directory its name.
  ///
  /// - Throws: `cannotCreate`.
  func commit() throws(CommandLineFailure) {
    try directory.commit()
  }

  /// Removes what is not committed; harmless after that.
  func discard() {
    directory.discard()
  }

  private func write(
    _ layer: Model.Layer, of session: ModelSession
  ) throws(CommandLineFailure) {
    let tensor = session.model.tensors[layer.output]
    let shape = tensor.shape
    let values = ImageLayout.channelsFirst(session.values(of: tensor)[...], shape)
    let extents = [shape.channels, shape.height, shape.width]
    let type: NumPyArray.ElementType =
      switch tensor.elementType {
      case .uint8: .uint8
      case .int16: .int16
      case .int32: .int32
      }
    let array = NumPyArray(
      type, shape: extents,
      bytes: values.flatMap { value in
        withUnsafeBytes(of: value.littleEndian) { Array($0.prefix(type.byteCount)) }
      })
    try directory.write(Self.fileName(of: layer)) { (append) throws(CommandLineFailure) in
      try append(array.npy())
    }
  }

  /// `012-layer1.0.conv1.npy`: the index keeps the order and tells equal names apart.
  private static func fileName(of layer: Model.Layer) -> String {
    let safe = layer.name.unicodeScalars.prefix(100).map { scalar -> Character in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": Character(scalar)
      default: "_"
      }
    }
    let digits = String(layer.index)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "-" + String(safe)
      + ".npy"
  }
}
