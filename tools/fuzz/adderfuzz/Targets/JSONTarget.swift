import AdderText

/// The reader of JSON and its writer: what was read has a text that reads as the same.
struct JSONTarget: FuzzTarget {
  static let name = "json"

  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    JSONMutator.mutant(of: bytes, seed: seed)
  }

  func run(_ bytes: [UInt8]) {
    if PlantedDefect.current == .overRead, bytes.first == UInt8(ascii: "{") {
      bytes.withUnsafeBytes { text in
        let last = text.baseAddress.map { $0 + text.count }
        check(last?.load(as: UInt8.self) != 1, "read beyond the end")
      }
    }
    do throws(JSONError) {
      let value = try JSONValue(reading: bytes)
      let text = try? value.text()
      check(text != nil, "a value that was read has no text")
      // Indentation may make it longer than what is read.
      guard let text, text.utf8.count <= JSONValue.largestByteCount else { return }
      check((try? JSONValue(reading: Array(text.utf8))) == value, "another value: \(text)")
    } catch {
      check(messages: [error.text])
      check((0...bytes.count).contains(error.byteOffset), "an error at byte \(error.byteOffset)")
    }
  }
}
