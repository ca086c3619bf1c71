#if !hasFeature(Embedded)
  /// What is for people and host tools; firmware that does not call it does not contain it.
  extension ProgramView {
    /// The little-endian binary32 means, then deviations, of each channel of an input.
    ///
    /// - Precondition: `input` is the index of an input's binding.
    public func normalization(ofInput input: UInt32) -> UnsafeRawBufferPointer? {
      precondition(binding(input).direction == .input)
      guard let section = optionalSection(.normalization) else { return nil }
      var start = section.offset
      var index: UInt32 = 0
      while true {
        let byteCount = tensor(binding(index).tensor).channels &<< 3
        start &+= 4
        if index == input { return bytes(start, start &+ byteCount) }
        start &+= byteCount
        index &+= 1
      }
    }

    /// A section that a file may have.
    func optionalSection(_ kind: Section.Kind) -> Stored<Section>? {
      var index = Limits.requiredSectionCount
      while index < sectionCount {
        let section = row(index)
        if section.holds(kind) { return section }
        index &+= 1
      }
      return nil
    }

    private func bytes(_ start: UInt32, _ end: UInt32) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(
        rebasing: image[Int(truncatingIfNeeded: start)..<Int(truncatingIfNeeded: end)])
    }
  }
#endif
