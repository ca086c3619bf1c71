import AdderCompiler
import Foundation
import Testing

@Suite struct SniffContainerTests {
  private static let foreign: [(String, CompileError.Kind, [UInt8])] = [
    ("the file is empty", .malformed, []),
    ("a NumPy array", .unsupported, [0x93] + Array("NUMPY\u{1}".utf8)),
    ("an HDF5 file", .unsupported, [0x89] + Array("HDF\r\n".utf8)),
    ("a GGUF file", .unsupported, Array("GGUF".utf8)),
    ("compressed with gzip", .unsupported, [0x1f, 0x8b, 8]),
    ("a compiled model", .unsupported, Array("ADB\u{1a}".utf8)),
    ("a plain pickle", .unsupported, [0x80, 4, 0x95]),
    ("git lfs pull", .malformed, Array("version https://git-lfs.github.com/spec/v1\n".utf8)),
    ("a web page", .malformed, Array("\n <!DOCTYPE html><html>".utf8)),
    ("not a checkpoint", .malformed, Array("hello, world".utf8)),
    ("not a checkpoint", .malformed, [UInt8](repeating: 0, count: 1000)),
  ]

  @Test("names the format of foreign files", arguments: foreign)
  func namesFormat(text: String, kind: CompileError.Kind, bytes: [UInt8]) {
    expectRefusal(of: Data(bytes), kind, text)
  }

  @Test func `knows ONNX by the file's name`() {
    let error = refusal(of: Data([8, 7, 18, 4]), fileName: "Net.ONNX")
    #expect(error?.kind == .unsupported)
    #expect(error?.messages.first?.contains("an ONNX model") == true)
  }
}
