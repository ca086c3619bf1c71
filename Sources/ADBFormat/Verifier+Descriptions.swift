#if !hasFeature(Embedded)
  extension Verifier {
    /// Verifies the normalization: for each input its channels, their means and their deviations.
    mutating func verifyNormalization() throws(ModelError) {
      guard let section = view.optionalSection(.normalization) else { return }
      var reader = view.reader(over: section)
      var count: UInt32 = 0
      // An output follows the inputs.
      while view.binding(count).direction == .input {
        let place = reader.offset
        let channels = view.storedTensor(view.binding(count).tensor).channels
        count &+= 1
        guard try reader.readUInt32() == channels else {
          throw ModelError(.wrongEntryCount, at: place)
        }
        var left = channels
        while left > 0 {
          let place = reader.offset
          guard try reader.readUInt32() & 0x7FFF_FFFF < 0x7F80_0000 else {
            throw ModelError(.wrongScale, at: place)
          }
          left &-= 1
        }
        left = channels
        while left > 0 {
          let place = reader.offset
          guard Self.isPositiveAndFinite(try reader.readUInt32()) else {
            throw ModelError(.wrongScale, at: place)
          }
          left &-= 1
        }
      }
      guard section.entryCount == count else {
        throw ModelError(.wrongEntryCount, at: section.offset)
      }
      guard reader.remainingByteCount == 0 else {
        throw ModelError(.wrongSectionByteCount, at: reader.offset)
      }
    }

    /// Verifies the names of the model, the tensors and the operations.
    mutating func verifyNames() throws(ModelError) {
      guard let section = view.optionalSection(.names) else { return }
      let count = 1 &+ view.tensorCount &+ view.operationCount
      try verifyStrings(section, count: count)
    }

    /// Verifies the names of the first output's channels.
    mutating func verifyClassNames() throws(ModelError) {
      guard let section = view.optionalSection(.classNames) else { return }
      var index: UInt32 = 0
      while view.binding(index).direction == .input { index &+= 1 }
      let channels = view.storedTensor(view.binding(index).tensor).channels
      try verifyStrings(section, count: channels)
    }

    private mutating func verifyStrings(_ section: Stored<Section>, count: UInt32)
      throws(ModelError)
    {
      guard section.entryCount == count else {
        throw ModelError(.wrongEntryCount, at: section.offset)
      }
      var reader = view.reader(over: section)
      var left = count
      while left > 0 {
        let place = reader.offset
        let byteCount = UInt32(try reader.readUInt16())
        guard byteCount <= reader.remainingByteCount else {
          throw ModelError(.wrongString, at: place)
        }
        let start = reader.offset
        try reader.skip(byteCount: byteCount)
        var bytes = ByteReader(image: view.image, offset: start, end: reader.offset)
        try verifyUTF8(&bytes)
        left &-= 1
      }
      guard reader.remainingByteCount == 0 else {
        throw ModelError(.wrongSectionByteCount, at: reader.offset)
      }
    }

    /// Verifies that the bytes are well-formed UTF-8 (Unicode 15.0, table 3-7).
    private mutating func verifyUTF8(_ bytes: inout ByteReader) throws(ModelError) {
      while bytes.remainingByteCount > 0 {
        let place = bytes.offset
        let lead = try bytes.readUInt8()
        var following: UInt32
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch lead {
        case 0x00...0x7F: following = 0
        case 0xC2...0xDF: following = 1
        case 0xE0...0xEF: following = 2
        case 0xF0...0xF4: following = 3
        default: throw ModelError(.wrongString, at: place)
        }
        switch lead {
        case 0xE0: lowest = 0xA0
        case 0xED: highest = 0x9F
        case 0xF0: lowest = 0x90
        case 0xF4: highest = 0x8F
        default: break
        }
        guard following <= bytes.remainingByteCount else {
          throw ModelError(.wrongString, at: place)
        }
        while following > 0 {
          let byte = try bytes.readUInt8()
          guard lowest <= byte && byte <= highest else {
            throw ModelError(.wrongString, at: place)
          }
          (lowest, highest) = (0x80, 0xBF)
          following &-= 1
        }
      }
    }
  }
#endif
