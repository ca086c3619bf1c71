import ADBFormat

/// How many boxes an image gave.
public struct Detections: Equatable, Sendable {
  /// The boxes at the front of the memory given, in falling order of scores.
  public var boxCount: UInt32 = 0
  /// The classes at locations that reached the threshold.
  public var candidateCount: UInt32 = 0
  /// Of the best `candidateLimit` candidates those that had no room, the worst of them.
  public var droppedCount: UInt32 = 0

  public init() {}
}

/// Turns the outputs of a run into boxes: docs/arithmetic.md, *Detection*.
///
/// FCOS (Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019), with additions,
/// comparisons and shifts. Nothing is allocated and nothing kept.
public struct Detector {
  /// What the model file says of its boxes.
  public let view: DetectionView

  /// - Returns: nil if the model says nothing of boxes.
  /// - Throws: What is wrong with what it says.
  public init?(_ program: ProgramView) throws(ModelError) {
    guard let view = try program.detection() else { return nil }
    self.view = view
  }

  /// Finds the boxes of an image whose outputs lie in the memory of an interpreter.
  ///
  /// - Parameters:
  ///   - tensors: Where the interpreter's tensors begin.
  ///   - boxes: Room for candidates: with fewer than `view.candidateLimit` the best are kept.
  public func detect(
    tensors: UnsafeRawPointer, into boxes: UnsafeMutableBufferPointer<Box>
  ) -> Detections {
    detect(into: boxes) { index in
      tensors + Int(truncatingIfNeeded: view.program.storedTensor(index).arenaOffset)
    }
  }

  /// Finds the boxes of an image.
  ///
  /// - Parameters:
  ///   - boxes: Room for candidates: with fewer than `view.candidateLimit` the best are kept.
  ///   - address: Where the elements of a tensor lie that a level names, [rows, columns, channels].
  /// - Complexity: O(e + c·log m + m·b) for e elements, c candidates, m the room for them, b boxes.
  public func detect(
    into boxes: UnsafeMutableBufferPointer<Box>, address: (UInt32) -> UnsafeRawPointer
  ) -> Detections {
    var found = Detections()
    guard let start = boxes.baseAddress, boxes.count > 0 else { return found }
    let limit = Int(truncatingIfNeeded: view.candidateLimit)
    var candidates = Candidates(
      BoxList(UnsafeMutableRawPointer(start)), capacity: min(boxes.count, limit))
    var index: UInt32 = 0
    while index < view.levelCount {
      let level = view.level(index)
      let scan = LevelScan(
        view, level, index, classes: address(level.classes), distances: address(level.distances),
        centerness: address(level.centerness))
      scan.run(&candidates, &found.candidateCount)
      index &+= 1
    }
    candidates.sort()
    let count = candidates.count
    found.boxCount = UInt32(
      truncatingIfNeeded: Suppression.keep(
        candidates.boxes, count: count, limit: Int(truncatingIfNeeded: view.boxLimit),
        overlap: UInt32(view.header.overlap)))
    found.droppedCount =
      min(found.candidateCount, view.candidateLimit) &- UInt32(truncatingIfNeeded: count)
    return found
  }
}
