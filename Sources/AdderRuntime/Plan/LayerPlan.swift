#if !hasFeature(Embedded)
  import ADBFormat

  /// How an `adder2d` or `conv2d` layer runs on a class of kernels: what the kernels decide for
  /// themselves before the first patch, as a value for people and cost models.
  package struct LayerPlan: Equatable, Sendable {
    /// The sums of a layer.
    package enum Sums: Equatable, Sendable {
      case differences(SumsChoice)
      case digits(isWide: Bool)
    }

    /// How a patch's elements are converted.
    package enum Conversion: Sendable {
      /// Four at a time.
      case words
      case elements
    }

    /// Why a layer does not run the quickest way that the class has.
    package enum Obstacle: Equatable, Sendable {
      /// Patches are gathered tap by tap.
      case groups(UInt32)
      /// Patches are gathered tap by tap.
      case dilation(UInt16)
      /// Rows of so many bytes make no words, and are copied byte by byte.
      case rowBytes(Int)
      /// Taps of so many bytes make no blocks of 16.
      case tapBytes(Int)
      /// Elements are converted one by one: the shift is 0, or what they become may be negative.
      case conversionRange
      /// Elements are converted, and outputs scaled, one by one: the patch has 16 bits.
      case halves
      /// Sums of bytes of seven bits are not for this filter element.
      case filterElement(Int32)
      /// Nor for patches with an element as large as this.
      case patchElement(Int32)
      /// Nor for pad values above 127.
      case padValue
      /// Each image's input is looked through for bytes above 127.
      case inputIsExamined
      /// Outputs are scaled one by one, in 64 bits.
      case wideArithmetic
      /// Outputs are scaled one by one: they are `int32`.
      case wordOutput
      /// Outputs are scaled one by one: not both they and the residual are `int16`.
      case residualType
    }

    package let gathering: Gathering
    /// The taps of each row that are copied from the patch one column to the left.
    package let sharedTapCount: UInt16
    /// How elements of the input become elements of a patch; nil if they are copied.
    package let conversion: Conversion?
    package let sums: Sums
    package let scaling: Scaling
    /// Tiles of two output positions and two filters, in all groups.
    package let tileCount: Int
    /// Positions that end a row alone.
    package let lonePositionCount: Int
    /// Filters that end a group alone.
    package let loneFilterCount: Int
    package let obstacles: [Obstacle]
  }

  extension LayerPlan {
    /// The plan of an operation; nil for operations that every class runs alike.
    package init?(
      _ operation: StoredOperation, of program: ProgramView, kernels: KernelClassName
    ) {
      if case .adder2d(let record) = operation {
        let choice = kernels.accept(SumsVisitor(operation: record, program: program))
        self.init(
          record.layer, .differences(choice), of: program, choice.obstacles(record, kernels))
      } else if case .conv2d(let record) = operation {
        self.init(
          record.layer, .digits(isWide: record.layer.requantizer.wide), of: program, [])
      } else {
        return nil
      }
    }

    private init(
      _ layer: Stored<FilterLayer>, _ sums: Sums, of program: ProgramView, _ obstacles: [Obstacle]
    ) {
      let patch = layer.patch
      let output = program.storedTensor(layer.output)
      let tapByteCount = Int(patch.inputChannels &<< patch.elementType.shift)
      let rowByteCount = tapByteCount.repeated(layer.window.kernelWidth)
      gathering = Gathering(layer, rowByteCount: rowByteCount)
      sharedTapCount = gathering.sharedTapCount(layer)
      conversion =
        patch.converts ? (InputConversion(patch).isUnsigned ? .words : .elements) : nil
      self.sums = sums
      scaling = Scaling(layer, of: program)
      let rows = Int(output.height)
      let groups = Int(patch.groups)
      tileCount = rows * Int(output.width / 2) * groups * Int(patch.outputChannels / 2)
      lonePositionCount = output.width % 2 == 0 ? 0 : rows
      loneFilterCount = patch.outputChannels % 2 == 0 ? 0 : groups
      var found = obstacles
      switch gathering {
      case .taps:
        found.append(
          patch.groups == 1 ? .dilation(layer.window.dilationWidth) : .groups(patch.groups))
      case .bytes: found.append(.rowBytes(rowByteCount))
      case .runs where conversion != .elements: found.append(.tapBytes(tapByteCount))
      case .runs, .blocks: break
      }
      if conversion == .elements, patch.elementType == .uint8 { found.append(.conversionRange) }
      switch scaling {
      case .wide: found.append(.wideArithmetic)
      case .narrow: found.append(output.elementType == .int32 ? .wordOutput : .residualType)
      case .pairs: break
      }
      self.obstacles = found
    }
  }

  private struct SumsVisitor: KernelClassVisitor {
    let operation: Stored<Adder2D>
    let program: ProgramView

    func visit<Kernels: KernelClass>(_ kernels: Kernels.Type) -> SumsChoice {
      SumsChoice(operation, of: program, kernels)
    }
  }

  private struct SevenBitsVisitor: KernelClassVisitor {
    func visit<Kernels: KernelClass>(_ kernels: Kernels.Type) -> Bool { Kernels.hasSevenBits }
  }

  extension SumsChoice {
    fileprivate func obstacles(
      _ operation: Stored<Adder2D>, _ kernels: KernelClassName
    ) -> [LayerPlan.Obstacle] {
      switch self {
      case .halves: return [.halves]
      case .sevenBitsOrBytes: return [.inputIsExamined]
      case .sevenBits: return []
      case .bytes:
        guard kernels.accept(SevenBitsVisitor()) else { return [] }
        let patch = operation.layer.patch
        if operation.filterMaximum > 127 { return [.filterElement(operation.filterMaximum)] }
        return [
          patch.converts && patch.patchMax > 127 ? .patchElement(patch.patchMax) : .padValue
        ]
      }
    }
  }
#endif
