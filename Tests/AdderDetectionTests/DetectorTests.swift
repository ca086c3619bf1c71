import ADBFormat
import AdderDetection
import AdderTestSupport
import Testing

@Suite struct DetectorTests {
  /// What a detector finds in elements that a test makes, in guarded memory, and what a plain
  /// computation finds.
  private func detect(
    _ model: ModelBuilder, capacity: Int, _ element: (_ tensor: UInt32, _ index: Int) -> Int32
  ) throws -> (found: (boxes: [Box], counts: Detections), plain: (boxes: [Box], counts: Detections))
  {
    let image = AlignedMemory(model.bytes())
    let detector = try #require(try Detector(ProgramView(verifying: image.readOnly)))
    var plain = PlainDetector(model)
    var memories: [UInt32: AlignedMemory] = [:]
    for level in plain.levels {
      for tensor in [level.classes, level.distances, level.centerness]
      where memories[tensor] == nil {
        let count = Int(plain.tensors[Int(tensor)].elementCount)
        let elements = (0..<count).map { element(tensor, $0) }
        plain.elements[tensor] = elements
        memories[tensor] = AlignedMemory(ModelBuilder.bytes(of: elements, .int32))
      }
    }
    let memory = AlignedMemory(byteCount: 20 * capacity)
    let boxes = memory.bytes.bindMemory(to: Box.self)
    let counts = detector.detect(into: boxes) { index in
      guard let start = memories[index]?.readOnly.baseAddress else {
        preconditionFailure("a tensor of a level")
      }
      return start
    }
    #expect(memory.areGuardsIntact)
    let found = (Array(boxes.prefix(Int(counts.boxCount))), counts)
    return (found, plain.detect(capacity: capacity))
  }

  /// Expects that both are equal, and returns what was found.
  private func expectAgreement(
    _ model: ModelBuilder, capacity: Int, _ element: (_ tensor: UInt32, _ index: Int) -> Int32
  ) throws -> (boxes: [Box], counts: Detections) {
    let (found, plain) = try detect(model, capacity: capacity, element)
    #expect(found.boxes == plain.boxes)
    #expect(found.counts == plain.counts)
    return found
  }

  /// Elements of random heads: logits of −16…4, distances up to the whole image.
  private static func randomHeads(seed: UInt64) -> (UInt32, Int) -> Int32 {
    { tensor, index in
      var random = SplitMix64(seed: seed << 32 ^ UInt64(tensor) << 24 ^ UInt64(index))
      // Few values, so that scores are often equal.
      return 16 * Int32.random(in: -16...4, using: &random)
        + (tensor % 3 == 2 ? 16 * Int32.random(in: 8...40, using: &random) : 0)
    }
  }

  @Test func `agrees with a plain computation on random heads`() throws {
    var boxCounts: Set<UInt32> = []
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let shifts = [[3], [3, 4], [2, 3, 5], [0], [4, 4]].randomElement(using: &random) ?? []
      let classCount = Int.random(in: 1...4, using: &random)
      let model = ModelBuilder.detector(
        height: Int.random(in: 1...70, using: &random),
        width: Int.random(in: 1...70, using: &random),
        classCounts: shifts.map { _ in classCount }, strideShifts: shifts.map { UInt8($0) }
      ) { header, levels in
        header.fractionBits = UInt8.random(in: 1...8, using: &random)
        header.overlap = UInt8.random(in: 0...255, using: &random)
        header.candidateLimit = UInt16.random(in: 1...300, using: &random)
        header.boxLimit = UInt16.random(in: 1...header.candidateLimit, using: &random)
        for index in levels.indices {
          levels[index].threshold = Int32.random(in: -64...48, using: &random)
          levels[index].distanceShift = Int8.random(in: -3...3, using: &random)
          levels[index].classShift = Int8.random(in: -15...(-9), using: &random)
        }
      }
      let capacity = Int.random(in: 1...400, using: &random)
      let found = try expectAgreement(model, capacity: capacity, Self.randomHeads(seed: seed))
      boxCounts.insert(found.counts.boxCount)
    }
    #expect(boxCounts.count > 30)
  }

  @Test func `agrees on extremes of every field and element`() throws {
    let extremes: [Int32] = [.min, .min + 1, -1 << 30, -1, 0, 1, 1 << 23, 1 << 30, .max]
    for shift in [-23, -12, -1, 0, 1, 16, 30] as [Int8] {
      for threshold in [Int32.min, -1, 0, .max] {
        let model = ModelBuilder.detector { header, levels in
          header.candidateLimit = 4096
          header.boxLimit = 4096
          header.overlap = 255
          for index in levels.indices {
            levels[index].threshold = threshold
            levels[index].classShift = shift
            levels[index].distanceShift = 7 - shift
            levels[index].centernessShift = shift
          }
        }
        var random = SplitMix64(seed: 99)
        _ = try expectAgreement(model, capacity: 5000) { _, _ in
          extremes.randomElement(using: &random) ?? 0
        }
      }
    }
  }

  @Test func `finds nothing where nothing reaches the threshold`() throws {
    let found = try expectAgreement(.detector(), capacity: 9) { _, _ in -49 }
    #expect(found.boxes.isEmpty && found.counts == Detections())
  }

  @Test func `the threshold itself makes a candidate`() throws {
    let found = try expectAgreement(
      .detector { header, _ in header.overlap = 255 }, capacity: 400
    ) { tensor, index in tensor == 7 && index == 4 ? -48 : tensor % 3 == 1 ? -49 : 160 }
    #expect(found.counts.boxCount == 1 && found.counts.candidateCount == 1)
    // Location 1 of the row, 8 pixels wide: x = 12 of 64, in 1/16; ±10 pixels.
    let box = try #require(found.boxes.first)
    #expect([box.left, box.top, box.right, box.bottom] == [32, 0, 352, 224])
    #expect(box.label == 1 && box.level == 0 && box.place == 0)
  }

  @Test func `with fewer boxes than candidates the best are kept, and it says so`() throws {
    let model = ModelBuilder.detector { header, _ in header.overlap = 255 }
    let all = try expectAgreement(model, capacity: 200, Self.randomHeads(seed: 5))
    #expect(all.counts.droppedCount == 0 && all.counts.candidateCount > 60)
    for capacity in [1, 2, 10, 59] {
      let found = try expectAgreement(model, capacity: capacity, Self.randomHeads(seed: 5))
      let possible = min(all.counts.candidateCount, 200)
      #expect(found.counts.droppedCount == possible - UInt32(capacity))
      #expect(found.counts.candidateCount == all.counts.candidateCount)
      #expect(found.boxes == Array(all.boxes.prefix(found.boxes.count)))
    }
    let most = try expectAgreement(model, capacity: 4096, Self.randomHeads(seed: 5))
    #expect(most.boxes == all.boxes && most.counts == all.counts)
  }

  @Test func `no memory gives no box`() throws {
    let image = AlignedMemory(ModelBuilder.detector().bytes())
    let detector = try #require(try Detector(ProgramView(verifying: image.readOnly)))
    let boxes = UnsafeMutableBufferPointer<Box>(start: nil, count: 0)
    let found = detector.detect(into: boxes) { _ in preconditionFailure("nothing to look at") }
    #expect(found == Detections())
  }

  @Test func `limits of candidates and boxes hold`() throws {
    for (candidates, boxes) in [(1, 1), (5, 2), (50, 50), (4096, 3)] as [(UInt16, UInt16)] {
      let model = ModelBuilder.detector { header, _ in
        header.candidateLimit = candidates
        header.boxLimit = boxes
        header.overlap = 255
      }
      let found = try expectAgreement(model, capacity: 4096, Self.randomHeads(seed: 8))
      #expect(found.counts.boxCount <= UInt32(boxes) && found.counts.droppedCount == 0)
    }
  }

  @Test func `of equal scores the one found first goes first`() throws {
    let model = ModelBuilder.detector { header, _ in
      header.overlap = 255
      header.candidateLimit = 4096
      header.boxLimit = 4096
    }
    // Boxes of one unit, so that none is suppressed; one score.
    let found = try expectAgreement(model, capacity: 4096) { tensor, _ in tensor % 3 == 2 ? 1 : 0 }
    let expected = 3 * (6 * 8 + 3 * 4)
    #expect(found.boxes.map(\.place) == (0..<UInt32(expected)).map { $0 })
    #expect(found.boxes.map(\.level) == found.boxes.map(\.level).sorted())
    #expect(found.boxes[0...3].map(\.label) == [0, 1, 2, 0])
    #expect(found.boxes[3].left > found.boxes[0].left && found.boxes[3].top == found.boxes[0].top)
  }

  @Test func `a model without the section has no detector`() throws {
    let image = AlignedMemory(ModelBuilder.everyOperation().bytes())
    #expect(try Detector(ProgramView(verifying: image.readOnly)) == nil)
  }
}
