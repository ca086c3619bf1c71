#if !hasFeature(Embedded)
  /// What is for people and host tools; firmware that does not call it does not contain it.
  extension ProgramView {
    /// Whether the file has names of the model, its tensors and its operations.
    public var hasNames: Bool { optionalSection(.names) != nil }

    /// The number of class names, one a channel of the first output; 0 if the file has none.
    public var classNameCount: UInt32 { optionalSection(.classNames)?.entryCount ?? 0 }

    /// The UTF-8 bytes of the model's name.
    public var modelName: UnsafeRawBufferPointer? { string(0, of: .names) }

    /// The UTF-8 bytes of a tensor's name.
    ///
    /// - Complexity: O(index)
    public func name(ofTensor index: UInt32) -> UnsafeRawBufferPointer? {
      precondition(index < tensorCount)
      return string(1 &+ index, of: .names)
    }

    /// The UTF-8 bytes of an operation's name.
    ///
    /// - Complexity: O(tensorCount + index)
    public func name(ofOperation index: UInt32) -> UnsafeRawBufferPointer? {
      precondition(index < operationCount)
      return string(1 &+ tensorCount &+ index, of: .names)
    }

    /// The UTF-8 bytes of a class's name.
    ///
    /// - Complexity: O(index)
    public func className(_ index: UInt32) -> UnsafeRawBufferPointer? {
      string(index, of: .classNames)
    }

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

    private func string(_ index: UInt32, of kind: Section.Kind) -> UnsafeRawBufferPointer? {
      guard let section = optionalSection(kind), index < section.entryCount else { return nil }
      var reader = reader(over: section)
      var left = index
      while true {
        do {
          let byteCount = UInt32(try reader.readUInt16())
          let start = reader.offset
          try reader.skip(byteCount: byteCount)
          if left == 0 { return bytes(start, reader.offset) }
        } catch {
          fatalError("verified strings can be read")
        }
        left &-= 1
      }
    }

    private func bytes(_ start: UInt32, _ end: UInt32) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(
        rebasing: image[Int(truncatingIfNeeded: start)..<Int(truncatingIfNeeded: end)])
    }
  }
#endif
