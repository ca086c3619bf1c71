import ADBFormat

/// Writes a planned program as a model file.
///
/// - Parameter stripsNames: Leaves out the names of the model, its tensors and operations.
/// - Returns: The file's bytes; equal programs give equal bytes.
/// - Throws: `unsupported` if the file or the arena would pass 4 GiB.
public func writeADB(
  _ program: Program, stripsNames: Bool = false
) throws(CompileError) -> [UInt8] {
  guard program.arenaByteCount < Int(UInt32.max) - 64 else {
    throw CompileError(
      .unsupported,
      "\(program.name): the arena would take \(program.arenaByteCount) bytes, past 4 GiB")
  }
  var contents: [(kind: Section.Kind, bytes: [UInt8], entryCount: Int)] = [
    (.tensors, tensorRecords(program), program.tensors.count),
    (.operations, operationRecords(program), program.steps.count),
    (.constants, program.constants, 0),
    (.bindings, bindingRecords(program), program.inputs.count + program.outputs.count),
    (.normalization, normalizationRecords(program), program.inputs.count),
  ]
  if !stripsNames {
    let names = [program.name] + program.tensors.map(\.name) + program.steps.map(\.layerName)
    contents.append((.names, strings(names), names.count))
  }
  if !program.classNames.isEmpty {
    contents.append((.classNames, strings(program.classNames), program.classNames.count))
  }

  var offset = rounded(Int(Header.byteCount) + contents.count * Int(Section.byteCount))
  var table = ByteBuffer()
  var body = ByteBuffer()
  body.bytes = [UInt8](
    repeating: 0,
    count: offset - Int(Header.byteCount) - contents.count * Int(Section.byteCount))
  for section in contents {
    guard offset + section.bytes.count < Int(UInt32.max) - 16 else {
      throw CompileError(.unsupported, "\(program.name): the model file would pass 4 GiB")
    }
    Section(
      kind: section.kind, offset: UInt32(offset), byteCount: UInt32(section.bytes.count),
      entryCount: UInt32(section.entryCount)
    ).write(to: &table)
    body.bytes += section.bytes
    offset += section.bytes.count
    let padding = rounded(offset) - offset
    body.appendZeros(count: UInt32(padding))
    offset += padding
  }

  var header = Header(
    sectionCount: UInt16(contents.count), fileByteCount: UInt32(offset), checksum: 0,
    arenaByteCount: UInt32(program.arenaByteCount))
  var file = ByteBuffer()
  header.write(to: &file)
  file.bytes += table.bytes + body.bytes
  var checksum = CRC32()
  for byte in file.bytes[Int(Header.checksummedOffset)...] { checksum.update(byte) }
  header.checksum = checksum.value
  var start = ByteBuffer()
  header.write(to: &start)
  file.bytes.replaceSubrange(0..<start.bytes.count, with: start.bytes)
  return file.bytes
}

/// Sections are aligned to 16 bytes.
private func rounded(_ byteCount: Int) -> Int { (byteCount + 15) & ~15 }

private func tensorRecords(_ program: Program) -> [UInt8] {
  var buffer = ByteBuffer()
  for tensor in program.tensors {
    TensorRecord(
      arenaOffset: UInt32(tensor.arenaOffset), byteCount: UInt32(tensor.byteCount),
      height: UInt32(tensor.shape.height), width: UInt32(tensor.shape.width),
      channels: UInt32(tensor.shape.channels), elementType: tensor.elementType,
      zeroPoint: Int32(tensor.zeroPoint), scaleBits: tensor.scale.bitPattern
    ).write(to: &buffer)
  }
  return buffer.bytes
}

private func operationRecords(_ program: Program) -> [UInt8] {
  var buffer = ByteBuffer()
  for step in program.steps {
    program.record(of: step).write(to: &buffer)
    guard case .concat = step.operation else { continue }
    for input in step.inputs { buffer.appendUInt32(UInt32(input)) }
  }
  return buffer.bytes
}

private func bindingRecords(_ program: Program) -> [UInt8] {
  var buffer = ByteBuffer()
  for input in program.inputs {
    Binding(tensor: UInt32(input), direction: .input).write(to: &buffer)
  }
  for output in program.outputs {
    Binding(tensor: UInt32(output), direction: .output).write(to: &buffer)
  }
  return buffer.bytes
}

private func normalizationRecords(_ program: Program) -> [UInt8] {
  var buffer = ByteBuffer()
  for normalization in program.normalizations {
    buffer.appendUInt32(UInt32(normalization.mean.count))
    for value in normalization.mean + normalization.std { buffer.appendUInt32(value.bitPattern) }
  }
  return buffer.bytes
}

private func strings(_ strings: [String]) -> [UInt8] {
  var buffer = ByteBuffer()
  for string in strings {
    // A name longer than its u16 count can say is cut at a character.
    var string = Substring(string)
    while string.utf8.count > Int(UInt16.max) { string.removeLast() }
    buffer.appendUInt16(UInt16(string.utf8.count))
    for byte in string.utf8 { buffer.append(byte) }
  }
  return buffer.bytes
}
