import ADBFormat
import AdderHost
import AdderModel
import CommandLineSupport
import Foundation

/// A new directory with one `.npy` file for each operation, which appears whole or not at all.
///
/// The files are written to a directory beside it, which then takes its name.
struct LayerDump {
  private let path: String
  private let partialPath: String

  /// Finds out whether the directory can be made, before any work is done for it.
  ///
  /// - Throws: `cannotCreate` where something other than an empty directory has the name.
  init(_ path: String) throws(CommandLineFailure) {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    if let resolved = realpath(trimmed, nil) {
      // A link to an empty directory stays, and its target is replaced.
      trimmed = String(cString: resolved)
      free(resolved)
    }
    self.path = trimmed
    partialPath = "\(trimmed).partial-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    var isDirectory = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: trimmed, isDirectory: &isDirectory) else { return }
    guard isDirectory.boolValue else {
      throw failure("is a file, expected the name of a new directory")
    }
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: trimmed) else {
      throw failure("cannot be read, expected the name of a new directory")
    }
    guard entries.isEmpty else {
      throw failure("holds \(entries.count) files, expected a new or empty directory")
    }
  }

  /// Runs one image and writes the output of every operation.
  ///
  /// - Throws: `cannotCreate`; nothing is left then.
  func stage(_ session: ModelSession, _ inputs: [[UInt8]]) throws(CommandLineFailure) {
    if mkdir(partialPath, 0o777) != 0 {
      let reason = errno == ENOENT ? "there is no parent directory; create it first" : Self.reason
      throw failure("cannot be created: \(reason)")
    }
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
    if rename(partialPath, path) != 0 { throw failure("cannot be created: \(Self.reason)") }
  }

  /// Removes what is not committed; harmless after that.
  func discard() {
    try? FileManager.default.removeItem(atPath: partialPath)
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
    let name = Self.fileName(of: layer)
    do {
      try OutputFile.write(array.npy(), to: "\(partialPath)/\(name)")
    } catch {
      throw failure("\(name) cannot be written; is the medium full?")
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

  private static var reason: String { String(cString: strerror(errno)).lowercased() }

  private func failure(_ message: String) -> CommandLineFailure {
    CommandLineFailure(.cannotCreate, "\(path): \(message)")
  }
}
