import ADBFormat

/// One level's outputs, walked location after location.
struct LevelScan {
  private let level: Stored<DetectionLevel>
  private let index: UInt16
  private let classes: UnsafeRawPointer
  private let distances: UnsafeRawPointer
  private let centerness: UnsafeRawPointer
  private let scores: Scores
  private let shape: Stored<TensorRecord>
  /// The binary logarithm of the units from one location to the next.
  private let strideShift: UInt32
  /// The first input's extents in units.
  private let width: Int32
  private let height: Int32

  init(
    _ view: DetectionView, _ level: Stored<DetectionLevel>, _ index: UInt32,
    classes: UnsafeRawPointer, distances: UnsafeRawPointer, centerness: UnsafeRawPointer
  ) {
    self.level = level
    self.index = UInt16(truncatingIfNeeded: index)
    self.classes = classes
    self.distances = distances
    self.centerness = centerness
    scores = Scores(table: view.table)
    shape = view.program.storedTensor(level.classes)
    strideShift = UInt32(level.strideShift) &+ view.fractionBits
    let input = view.program.storedTensor(view.program.storedBinding(0).tensor)
    // At most 65,535, as verified.
    width = Int32(truncatingIfNeeded: input.width &<< view.fractionBits)
    height = Int32(truncatingIfNeeded: input.height &<< view.fractionBits)
  }

  /// Hands the candidates over in their order, and counts them.
  @inline(never)
  func run(_ candidates: inout Candidates, _ candidateCount: inout UInt32) {
    let threshold = level.threshold
    let classCount = shape.channels
    let step = Int32(bitPattern: 1 &<< strideShift)
    var y = step &>> 1
    var logits = classes
    var sides = distances
    var center = centerness
    var rowsLeft = shape.height
    while rowsLeft > 0 {
      var x = step &>> 1
      var columnsLeft = shape.width
      while columnsLeft > 0 {
        var label: UInt32 = 0
        while label < classCount {
          let logit = logits.load(as: Int32.self)
          logits += 4
          if logit >= threshold {
            var box = Box()
            box.label = UInt16(truncatingIfNeeded: label)
            box.place = candidateCount
            candidateCount &+= 1
            box.score = score(logit, center)
            place(&box, x, y, sides)
            candidates.insert(box)
          }
          label &+= 1
        }
        sides += 16
        center += 4
        x &+= step
        columnsLeft &-= 1
      }
      y &+= step
      rowsLeft &-= 1
    }
  }

  @inline(never)
  private func score(_ logit: Int32, _ center: UnsafeRawPointer) -> Int32 {
    scores.logSigmoid(Scores.rescale(logit, level.classShift))
      &+ scores.logSigmoid(
        Scores.rescale(center.load(as: Int32.self), level.centernessShift))
  }

  /// The sides of the box of a location in units, cut to the input.
  @inline(never)
  private func place(_ box: inout Box, _ x: Int32, _ y: Int32, _ sides: UnsafeRawPointer) {
    box.level = index
    box.left = cut(x &- distance(sides, 0), width)
    box.top = cut(y &- distance(sides, 4), height)
    box.right = cut(x &+ distance(sides, 8), width)
    box.bottom = cut(y &+ distance(sides, 12), height)
  }

  private func distance(_ sides: UnsafeRawPointer, _ byteOffset: Int) -> Int32 {
    max(
      Scores.rescale(
        sides.load(fromByteOffset: byteOffset, as: Int32.self), level.distanceShift), 0)
  }

  private func cut(_ value: Int32, _ end: Int32) -> UInt16 {
    UInt16(truncatingIfNeeded: FixedPoint.clamp(value, 0, end))
  }
}
