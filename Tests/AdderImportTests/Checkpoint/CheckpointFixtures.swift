import AdderCompiler
import AdderTestSupport
import Foundation
import Testing

/// The folder golden/checkpoints/.
let checkpointFixtures = goldenDirectory().appendingPathComponent("checkpoints")

/// The bytes of a file of golden/checkpoints/.
func fixture(_ name: String) throws -> Data {
  try Data(contentsOf: checkpointFixtures.appendingPathComponent(name))
}

/// Element `i` of every floating-point storage of the fixtures.
func fixtureFloats(_ indices: some Sequence<Int>) -> [Float] {
  indices.map { Float($0 * 37 % 101 - 50) / 16 }
}

/// Runs `readCheckpoint`, expecting it to refuse, and returns its error.
func refusal(
  of bytes: Data, fileName: String = "file", sourceLocation: SourceLocation = #_sourceLocation
) -> CompileError? {
  do {
    let checkpoint = try readCheckpoint(bytes, fileName: fileName)
    Issue.record(
      "read \(checkpoint.tensors.count) tensors, expected an error",
      sourceLocation: sourceLocation)
    return nil
  } catch {
    #expect(error.messages.count == 1, sourceLocation: sourceLocation)
    return error
  }
}

/// Checks that a file is refused with one kind and a message that holds `text`.
func expectRefusal(
  of bytes: Data, _ kind: CompileError.Kind, _ text: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = refusal(of: bytes, sourceLocation: sourceLocation)
  #expect(error?.kind == kind, sourceLocation: sourceLocation)
  let message = error?.messages.first ?? ""
  #expect(message.hasPrefix("file: "), sourceLocation: sourceLocation)
  #expect(message.contains(text), "\(message)", sourceLocation: sourceLocation)
}

extension Data {
  /// Appends an unsigned integer, little-endian.
  mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// The same bytes with those from `offset` on replaced.
  func replacing(at offset: Int, with bytes: [UInt8]) -> Data {
    var copy = self
    copy.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    return copy
  }

  /// The same bytes with the first occurrence of `text` replaced.
  func replacing(_ text: String, with other: String) throws -> Data {
    var copy = self
    copy.replaceSubrange(try #require(range(of: Data(text.utf8))), with: Data(other.utf8))
    return copy
  }
}
