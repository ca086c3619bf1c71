import ADBFormat
import AdderHost
import CommandLineSupport
import Foundation

/// Files of images, labels and class names: arrays, raw bytes, text, and what else users give.
struct NumPyTarget: FuzzTarget {
  static let name = "npy"

  /// A file without a name, which readers open by its descriptor.
  private let file: UnsafeMutablePointer<FILE>?
  private let path: String

  init() {
    file = tmpfile()
    check(file != nil, "no temporary file")
    path = "/proc/self/fd/\(fileno(file))"
  }

  func run(_ bytes: [UInt8]) {
    do throws(CommandLineFailure) {
      let array = try NumPyArray(npy: bytes, named: "f")
      _ = try? array.uint8Values(of: "f")
      _ = try? array.int32Values(of: "f")
      _ = try? array.integerValues(of: "f")
      let again = try? NumPyArray(npy: array.npy(), named: "f")
      check(again == array, "another array after writing it")
    } catch {
      check(error.exitCode == .malformed, "\(error)")
      check(messages: error.messages)
    }
    let descriptor = fileno(file)
    check(ftruncate(descriptor, 0) == 0, "the temporary file cannot be cut")
    check(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, "it cannot be written")
    // One reader for each input, as all of them take a piece of 1 MiB to read into.
    switch bytes.count % 6 {
    case 0: readImages(for: TensorShape(height: 2, width: 2, channels: 3), use: .run)
    case 1: readImages(for: TensorShape(height: 4, width: 1, channels: 1), use: .run)
    case 2:
      readImages(for: TensorShape(height: 2, width: 2, channels: 3), use: .option("--inputs"))
    case 3:
      readImages(for: TensorShape(height: 4, width: 1, channels: 1), use: .option("--inputs"))
    case 4:
      read { () throws(CommandLineFailure) in
        let names = try readClassNames(path)
        check(names.allSatisfy { (1...255).contains($0.utf8.count) }, "class names \(names)")
      }
    default:
      read { () throws(CommandLineFailure) in
        let labels = try readLabels(path, imageCount: 4, classCount: 10)
        check(labels.count == 4 && labels.allSatisfy((0..<10).contains), "labels \(labels)")
      }
    }
  }

  private func readImages(for shape: TensorShape, use: ImageUse) {
    read { () throws(CommandLineFailure) in
      let images = try AdderHost.readImages([path], for: [(name: "image", shape: shape)], use: use)
      check(images[0].allSatisfy { $0.count == shape.elementCount }, "an image of another shape")
    }
  }

  private func read(_ body: () throws(CommandLineFailure) -> Void) {
    do throws(CommandLineFailure) {
      try body()
    } catch {
      check(error.exitCode == .malformed, "\(error)")
      check(messages: error.messages)
    }
  }
}
