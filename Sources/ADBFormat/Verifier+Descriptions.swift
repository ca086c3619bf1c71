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
        var index: UInt32 = 0
        while index < channels &<< 1 {
          let place = reader.offset
          let bits = try reader.readUInt32()
          let isMean = index < channels
          guard isMean ? bits & 0x7FFF_FFFF < 0x7F80_0000 : Self.isPositiveAndFinite(bits) else {
            throw ModelError(.wrongScale, at: place)
          }
          index &+= 1
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
        let start = Int(reader.offset)
        try reader.skip(byteCount: byteCount)
        let bytes = view.image[start..<Int(reader.offset)]
        do {
          _ = try UTF8Span(
            validating: UnsafeRawBufferPointer(rebasing: bytes).bindMemory(to: UInt8.self).span)
        } catch {
          throw ModelError(.wrongString, at: UInt32(start + error.byteOffsets.lowerBound))
        }
        left &-= 1
      }
      guard reader.remainingByteCount == 0 else {
        throw ModelError(.wrongSectionByteCount, at: reader.offset)
      }
    }
  }
#endif
