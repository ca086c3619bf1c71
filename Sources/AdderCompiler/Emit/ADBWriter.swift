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
  if let detection = program.detection {
    contents.append(
      (
        .detection, bytes(of: [detection.header]) + bytes(of: detection.levels),
        detection.levels.count
      ))
  }

  let tableEnd = Int(Header.byteCount) + contents.count * Int(Section.byteCount)
  var table: [UInt8] = []
  var body = [UInt8](repeating: 0, count: -tableEnd & 15)
  for section in contents {
    let offset = tableEnd + body.count
    guard offset + section.bytes.count < Int(UInt32.max) - 16 else {
      throw CompileError(.unsupported, "\(program.name): the model file would pass 4 GiB")
    }
    table.append(
      record: Section {
        $0.kind = section.kind
        $0.offset = UInt32(offset)
        $0.byteCount = UInt32(section.bytes.count)
        $0.entryCount = UInt32(section.entryCount)
      })
    body += section.bytes
    // Sections are aligned to 16 bytes.
    body += [UInt8](repeating: 0, count: -(offset + section.bytes.count) & 15)
  }

  var header = Header {
    $0.sectionCount = UInt16(contents.count)
    $0.fileByteCount = UInt32(tableEnd + body.count)
    $0.arenaByteCount = UInt32(program.arenaByteCount)
  }
  var checksum = CRC32()
  for byte in bytes(of: [header])[Int(Header.checksummedOffset)...] + table + body {
    checksum.update(byte)
  }
  header.checksum = checksum.value
  return bytes(of: [header]) + table + body
}

private func bytes(of records: [some StoredRecord]) -> [UInt8] {
  var bytes: [UInt8] = []
  for record in records { bytes.append(record: record) }
  return bytes
}

private func tensorRecords(_ program: Program) -> [UInt8] {
  bytes(
    of: program.tensors.map { tensor in
      TensorRecord {
        $0.arenaOffset = UInt32(tensor.arenaOffset)
        $0.byteCount = UInt32(tensor.byteCount)
        $0.height = UInt32(tensor.shape.height)
        $0.width = UInt32(tensor.shape.width)
        $0.channels = UInt32(tensor.shape.channels)
        $0.elementType = tensor.elementType
        $0.zeroPoint = Int32(tensor.zeroPoint)
        $0.scaleBits = tensor.scale.bitPattern
      }
    })
}

private func operationRecords(_ program: Program) -> [UInt8] {
  var bytes: [UInt8] = []
  for step in program.steps {
    let inputs: [UInt32] =
      if case .concat = step.operation { step.inputs.map { UInt32($0) } } else { [] }
    bytes.append(operation: program.record(of: step), concatInputs: inputs)
  }
  return bytes
}

private func bindingRecords(_ program: Program) -> [UInt8] {
  bytes(
    of: program.inputs.map { Binding(tensor: UInt32($0), direction: .input) }
      + program.outputs.map { Binding(tensor: UInt32($0), direction: .output) })
}

private func normalizationRecords(_ program: Program) -> [UInt8] {
  var bytes: [UInt8] = []
  for normalization in program.normalizations {
    bytes.append(number: UInt32(normalization.mean.count))
    for value in normalization.mean + normalization.std { bytes.append(number: value.bitPattern) }
  }
  return bytes
}

private func strings(_ strings: [String]) -> [UInt8] {
  var bytes: [UInt8] = []
  for string in strings {
    // A name longer than its u16 count can say is cut at a character.
    var string = Substring(string)
    while string.utf8.count > Int(UInt16.max) { string.removeLast() }
    bytes.append(number: UInt16(string.utf8.count))
    bytes += string.utf8
  }
  return bytes
}
