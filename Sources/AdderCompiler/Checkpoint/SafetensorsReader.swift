import AdderText
import Foundation

/// Reads safetensors: a header length, a JSON header, then the elements of all tensors.
///
/// The data must start at offset 0, follow on without holes or overlaps and end with the file.
enum SafetensorsReader {
  static let headerByteLimit = 100_000_000
  private static let lengthByteCount = 8

  static func read(_ file: CheckpointFile) throws(CompileError) -> Checkpoint {
    var cursor = ByteCursor(file, place: "header length", range: 0..<file.bytes.count)
    let announced = try cursor.read(UInt64.self)
    guard announced <= UInt64(headerByteLimit) else {
      throw cursor.malformed(
        "a header of \(announced) bytes, expected at most \(headerByteLimit)", at: 0)
    }
    guard announced <= UInt64(cursor.remainingByteCount) else {
      throw cursor.malformed(
        "a header of \(announced) bytes in a file of \(file.bytes.count): the file is truncated or "
          + "damaged, get it again", at: 0)
    }
    let header = try SafetensorsHeader.read(
      file, range: lengthByteCount..<lengthByteCount + Int(announced))
    return try readTensors(file, header: header, dataStart: lengthByteCount + Int(announced))
  }

  private static func readTensors(
    _ file: CheckpointFile, header: SafetensorsHeader, dataStart: Int
  ) throws(CompileError) -> Checkpoint {
    guard !header.entries.isEmpty else {
      throw file.unsupported("the file holds no tensors: save model.state_dict()")
    }
    // Empty tensors share their offset with the next one; the order of the header settles those.
    let entries = header.entries.enumerated().sorted {
      ($0.element.begin, $0.element.end, $0.offset) < ($1.element.begin, $1.element.end, $1.offset)
    }.map(\.element)
    let names = entries.map(\.name)
    try checkNames(names, of: file)
    let stripped = stripCommonPrefixes(names)

    let dataByteCount = file.bytes.count - dataStart
    var budget = TensorBudget(fileByteCount: file.bytes.count)
    var tensors: [Checkpoint.Tensor] = []
    var offset = 0
    for (entry, name) in zip(entries, stripped.names) {
      let place = "tensor \(quoted(entry.name))"
      guard entry.begin == offset, entry.end >= offset, entry.end <= dataByteCount else {
        throw file.malformed(
          "\(place): data offsets [\(entry.begin), \(entry.end)], expected a start at \(offset) and "
            + "an end at or before \(dataByteCount)")
      }
      offset = entry.end
      guard let type = Checkpoint.ElementType(rawValue: entry.typeName) else {
        throw file.unsupported(
          "\(place): element type \(quoted(entry.typeName)) is not supported: convert it to F32")
      }
      let (elementCount, remainder) = (entry.end - entry.begin).quotientAndRemainder(
        dividingBy: type.byteCount)
      guard remainder == 0,
        let layout = StridedLayout.contiguous(
          shape: entry.shape, storageElementCount: elementCount)
      else {
        throw file.malformed(
          "\(place): \(entry.end - entry.begin) bytes do not hold shape \(entry.shape) of "
            + "\(type.rawValue)")
      }
      try budget.take(elementCount, tensor: entry.name, file: file)
      var tensor = try convertTensor(
        file, name: entry.name, type: type, layout: layout,
        range: dataStart + entry.begin..<dataStart + entry.end)
      tensor.name = name
      tensors.append(tensor)
    }
    guard offset == dataByteCount else {
      throw file.malformed("\(dataByteCount - offset) bytes follow the last tensor")
    }
    return Checkpoint(
      container: .safetensors, tensors: tensors, metadata: header.metadata, notes: stripped.notes)
  }
}
