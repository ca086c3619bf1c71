#if !hasFeature(Embedded)
  /// The name and place of a field, for messages and tests.
  package struct FieldDescription: Equatable, Sendable {
    /// Groups that the field is in and its own name, as `patch.wordCount`.
    package let name: String
    /// In bytes from the start of the record.
    package let offset: Int
    package let byteCount: Int
    package let isSigned: Bool

    /// From its first byte to its last.
    package var bytes: Range<Int> { offset..<offset + byteCount }
  }

  extension StoredRecord {
    /// All fields in order, those of groups in their place.
    package static var fields: [FieldDescription] {
      var fields: [FieldDescription] = []
      Self().describe("", at: 0, &fields)
      return fields
    }

    /// Appends the fields; nothing lies between them.
    private func describe(_ prefix: String, at start: Int, _ fields: inout [FieldDescription]) {
      var offset = start
      for child in Mirror(reflecting: self).children {
        var name = prefix + (child.label ?? "")
        // A number that stands for a value of another type.
        if name.hasSuffix("Code") { name.removeLast(4) }
        if let group = child.value as? any StoredRecord {
          // What filter layers share is no group of the document's.
          group.describe(group is FilterLayer ? prefix : name + ".", at: offset, &fields)
          offset += type(of: group).memoryByteCount
        } else if let number = child.value as? any FixedWidthInteger {
          let byteCount = type(of: number).bitWidth / 8
          fields.append(
            FieldDescription(
              name: name, offset: offset, byteCount: byteCount,
              isSigned: type(of: number).isSigned))
          offset += byteCount
        } else {
          preconditionFailure("\(Self.self).\(name) is neither a number nor a group")
        }
      }
      precondition(offset - start == Self.memoryByteCount)
    }

    private static var memoryByteCount: Int { MemoryLayout<Self>.size }
  }

  extension Opcode {
    /// The bytes of a record whose fields have their usual values.
    package var zeroRecord: [UInt8] {
      func bytes(_ type: (some OperationRecord).Type) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(operation: type.init())
        return bytes
      }
      return bytes(recordType)
    }
  }
#endif
