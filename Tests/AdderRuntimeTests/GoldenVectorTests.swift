import ADBFormat
import Foundation
import Testing

/// Cases of `golden/vectors/*.vectors`, whose values an independent implementation computed.
///
/// Little-endian: u32 magic "AVEC", u32 number of cases; for each a u16 byte count and the UTF-8
/// name, a u32 byte count and a model file, a u32 byte count and the bytes of all inputs, a u32
/// number of values and the i32 elements of all outputs.
struct GoldenVectors {
  struct Case {
    var name: String
    var model: [UInt8]
    var inputs: [UInt8]
    var outputs: [Int32]
  }

  struct Malformed: Error {
    var offset: Int
  }

  private let bytes: [UInt8]
  private var offset = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads a whole container.
  ///
  /// - Throws: `Malformed` at the place where the bytes end or do not fit.
  static func cases(in bytes: [UInt8]) throws -> [Case] {
    var reader = GoldenVectors(bytes)
    guard try reader.word() == 0x4345_5641 else { throw Malformed(offset: 0) }
    var cases: [Case] = []
    for _ in 0..<(try reader.word()) {
      let nameByteCount = try reader.take(2)
      let name = try reader.take(Int(nameByteCount[0]) | Int(nameByteCount[1]) << 8)
      let model = try reader.take(Int(try reader.word()))
      let inputs = try reader.take(Int(try reader.word()))
      let outputs = elements(of: try reader.take(4 * Int(try reader.word())), .int32)
      cases.append(
        Case(
          name: String(decoding: name, as: UTF8.self), model: model, inputs: inputs,
          outputs: outputs))
    }
    guard reader.offset == bytes.count else { throw Malformed(offset: reader.offset) }
    return cases
  }

  private mutating func take(_ byteCount: Int) throws -> [UInt8] {
    guard byteCount <= bytes.count - offset else { throw Malformed(offset: offset) }
    offset += byteCount
    return Array(bytes[(offset - byteCount)..<offset])
  }

  private mutating func word() throws -> UInt32 {
    UInt32(bitPattern: elements(of: try take(4), .int32)[0])
  }
}

@Suite struct GoldenVectorTests {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "golden/vectors")

  @Test(
    "computes the integers of the independent reference",
    .enabled(if: FileManager.default.fileExists(atPath: folder.path)))
  func agrees() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.folder, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "vectors" }
    #expect(!files.isEmpty)
    for file in files {
      let cases = try GoldenVectors.cases(in: Array(Data(contentsOf: file)))
      #expect(!cases.isEmpty, "\(file.lastPathComponent)")
      for vector in cases {
        let place = "\(file.lastPathComponent): \(vector.name)"
        do throws(ModelError) {
          let outputs = try runModel(vector.model, inputs: vector.inputs)
          let difference = zip(outputs, vector.outputs).enumerated().first { $1.0 != $1.1 }
          #expect(outputs.count == vector.outputs.count, "\(place)")
          #expect(difference == nil, "\(place)")
        } catch {
          Issue.record("\(place): \(error)")
        }
      }
    }
  }
}
