import AdderDetection
import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

/// What `adderc emit-c` prints.
struct EmitCReport {
  let emitted: EmittedModel
  let path: String
  let outputs: EmitCOutputs
  let vectorCount: Int
  /// The files written, without the directory.
  let fileNames: [String]

  func text() -> String {
    let model = emitted.model
    var lines = [
      "model         \(InputFile.name(of: path).printable), checksum \(model.checksumText)",
      "flash         \(grouped(model.byteCount)) bytes",
      "arena         \(grouped(model.arenaByteCount)) bytes, beside ADDER_STATE_BYTES",
    ]
    if let detection = model.detection {
      lines.append(
        "boxes         at most \(detection.boxLimit), of \(detection.candidateLimit) candidates in "
          + "\(grouped(Self.byteCount(of: detection))) bytes")
    }
    if vectorCount > 0 { lines.append("vectors       \(vectorCount)") }
    lines += fileNames.map { "wrote         \(outputs.path($0).printable)" }
    if outputs.mainFate == .kept {
      lines.append(
        "kept          \(outputs.path(MainProgram.fileName).printable), which differs; --force "
          + "replaces it")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The memory for all candidates, each an `adder_box`.
  private static func byteCount(of detection: Model.Detection) -> Int {
    detection.candidateLimit * MemoryLayout<Box>.stride
  }

  func json() -> JSONValue {
    let model = emitted.model
    return .document(
      schema: "adder-emit-c-1",
      [
        .init("file", .string(InputFile.name(of: path))),
        .init("checksum", .string(model.checksumText)),
        .init("prefix", .string(emitted.prefix.name)),
        .init("flash_bytes", .integer(model.byteCount)),
        .init("arena_bytes", .integer(model.arenaByteCount)),
        .init("box_bytes", model.detection.map { .integer(Self.byteCount(of: $0)) } ?? nil),
        .init("operations_mask", .integer(Int(emitted.operationMask))),
        .init("vectors", .integer(vectorCount)),
        .init("written", .array(fileNames.map { .string(outputs.path($0)) })),
        .init("main", .string(outputs.mainFate.rawValue)),
      ])
  }
}
