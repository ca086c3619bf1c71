import CommandLineSupport

/// A generated C file.
///
/// Byte arrays become text only while the file is written, six characters for each byte.
struct CFile {
  enum Piece {
    case text(String)
    /// The initializers of an array.
    case bytes([UInt8])
  }

  /// What the first line of every generated file begins with, by which the command knows its own.
  static let signature = "/* Made by adderc emit-c"

  let name: String
  let pieces: [Piece]

  func write(_ append: OutputFile.Append) throws(CommandLineFailure) {
    for piece in pieces {
      switch piece {
      case .text(let text): try append(Array(text.utf8))
      case .bytes(let bytes):
        let chunk = 1 << 16
        for start in stride(from: 0, to: bytes.count, by: chunk) {
          try append(CText.initializers(bytes[start..<min(start + chunk, bytes.count)]))
        }
      }
    }
  }

  /// The definition of a byte array that a header declares; `alignment` in bytes.
  static func definition(
    of name: String, count: String, alignment: Int? = nil, _ bytes: [UInt8]
  ) -> [Piece] {
    let specifier = alignment.map { "_Alignas(\($0)) " } ?? ""
    let start = "\(specifier)const uint8_t \(name)[\(count)] = {\n"
    return [.text(start), .bytes(bytes), .text("};\n")]
  }

  /// A header: what its first comment says, then declarations between the guards of C and C++.
  static func header(
    _ name: String, guard macro: String, comment: String, _ body: String
  ) -> CFile {
    let text = """
      \(comment)
      #ifndef \(macro)
      #define \(macro)

      #include <stdint.h>

      #ifdef __cplusplus
      extern "C" {
      #endif

      \(body)
      #ifdef __cplusplus
      }
      #endif

      #endif

      """
    return CFile(name: name, pieces: [.text(text)])
  }
}
