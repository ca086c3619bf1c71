import ADBFormat
import AdderDetection
import AdderTestSupport
import CAdder
import Foundation
import Testing

@Suite struct DetectTests {
  private static let bytes = ModelBuilder.detector().bytes()

  /// A detector that has run on bytes of a seed.
  private func model(seed: UInt64) throws -> CModel {
    let model = try CModel(Self.bytes)
    var random = SplitMix64(seed: seed)
    var inputs: [UInt8] = []
    for index in 0..<7 as Range<UInt32> {
      inputs += (0..<(try model.input(index)).byte_count).map { _ in
        UInt8.random(in: 90...170, using: &random)
      }
    }
    try model.write(inputs)
    #expect(adder_run(model.handle) == ADDER_OK)
    return model
  }

  /// The boxes that `adder_detect` writes to memory of exactly its capacity.
  private func detect(
    _ model: CModel, capacity: Int
  ) throws -> (boxes: [UInt8], counts: adder_detections) {
    let memory = AlignedMemory(byteCount: 20 * capacity)
    var counts = adder_detections()
    try CError.check(
      adder_detect(
        model.handle, memory.start.assumingMemoryBound(to: adder_box.self), UInt32(capacity),
        &counts))
    #expect(memory.areGuardsIntact)
    return (Array(memory.bytes.prefix(20 * Int(counts.box_count))), counts)
  }

  @Test func `a box lies in memory as in Swift`() {
    #expect(MemoryLayout<adder_box>.size == 20 && MemoryLayout<adder_box>.stride == 20)
    #expect(MemoryLayout<Box>.size == 20 && MemoryLayout<Box>.stride == 20)
    #expect(MemoryLayout<adder_box>.alignment == MemoryLayout<Box>.alignment)
    var box = Box()
    (box.left, box.top, box.right, box.bottom) = (1, 2, 3, 4)
    (box.label, box.level, box.score, box.place) = (5, 6, -7, 8)
    let c = withUnsafeBytes(of: box) { $0.load(as: adder_box.self) }
    #expect([c.left, c.top, c.right, c.bottom, c.label, c.level] == [1, 2, 3, 4, 5, 6])
    #expect(c.score == -7 && c.place == 8)
  }

  @Test func `the scores of the header are the least that are so sure`() {
    for (score, percent) in [
      (ADDER_SCORE_10, 10), (ADDER_SCORE_30, 30), (ADDER_SCORE_50, 50), (ADDER_SCORE_70, 70),
      (ADDER_SCORE_90, 90),
    ] {
      let sure = Double(percent) / 100
      #expect(exp(Double(score) / 131_072) >= sure)
      #expect(exp(Double(score - 1) / 131_072) < sure)
    }
  }

  @Test func `describes the boxes of a detector`() throws {
    let model = try CModel(Self.bytes)
    var detection = adder_detection()
    #expect(adder_get_detection(model.handle, &detection) == ADDER_OK)
    #expect(detection.fraction_bits == 4)
    #expect(detection.candidate_limit == 200 && detection.box_limit == 100)
    #expect(detection.class_count == 3 && detection.level_count == 2)
  }

  @Test("finds the boxes of the Swift detector", arguments: [1, 2, 7, 50, 199, 200, 201, 5000])
  func agrees(capacity: Int) throws {
    let model = try model(seed: UInt64(capacity))
    let program = try ProgramView(verifying: model.file.readOnly)
    let detector = try #require(try Detector(program))
    let memory = AlignedMemory(byteCount: 20 * capacity)
    let expected = detector.detect(
      tensors: model.arena.start + CModel.stateByteCount,
      into: memory.bytes.bindMemory(to: Box.self))
    let found = try detect(model, capacity: capacity)
    #expect(found.boxes == Array(memory.bytes.prefix(20 * Int(expected.boxCount))))
    #expect(found.counts.box_count == expected.boxCount && expected.boxCount > 0)
    #expect(found.counts.candidate_count == expected.candidateCount)
    #expect(found.counts.dropped_count == expected.droppedCount)
    #expect((expected.droppedCount > 0) == (capacity < 150))
    #expect(model.isEverythingElseUnchanged(Self.bytes))
    // The outputs are as before.
    #expect(try detect(model, capacity: capacity).boxes == found.boxes)
  }

  @Test func `takes the largest capacity, of which it uses the limit of candidates`() throws {
    let model = try model(seed: 200)
    let expected = try detect(model, capacity: 200)
    let memory = AlignedMemory(byteCount: 20 * 200)
    var counts = adder_detections()
    for capacity in [201, 1 << 31, UInt32.max] {
      let status = adder_detect(
        model.handle, memory.start.assumingMemoryBound(to: adder_box.self), capacity, &counts)
      #expect(status == ADDER_OK && counts.box_count == expected.counts.box_count)
      #expect(Array(memory.bytes.prefix(expected.boxes.count)) == expected.boxes)
      #expect(memory.areGuardsIntact)
    }
  }

  @Test func `refuses a model without the section, and no capacity, and writes nothing`() throws {
    let models = (plain: try CModel(RunTests.bytes), detector: try model(seed: 1))
    let memory = AlignedMemory(byteCount: 20)
    let before = Array(memory.bytes)
    let boxes = memory.start.assumingMemoryBound(to: adder_box.self)
    var counts = adder_detections(box_count: 77, candidate_count: 78, dropped_count: 79)
    var detection = adder_detection()
    detection.fraction_bits = 76
    #expect(adder_get_detection(models.plain.handle, &detection) == ADDER_NO_DETECTION)
    #expect(adder_detect(models.plain.handle, boxes, 1, &counts) == ADDER_NO_DETECTION)
    #expect(adder_detect(models.detector.handle, boxes, 0, &counts) == ADDER_NO_CAPACITY)
    #expect(detection.fraction_bits == 76 && counts.box_count == 77 && counts.dropped_count == 79)
    #expect(Array(memory.bytes) == before && memory.areGuardsIntact)
  }

  /// On a microcontroller these functions are the first that look at the section.
  @Test func `refuses a wrong section by the verifier's reason`() throws {
    let model = try model(seed: 2)
    let section = Int(
      model.file.readOnly.loadUnaligned(fromByteOffset: 32 + 4 * 16 + 4, as: UInt32.self))
    var counts = adder_detections()
    var box = adder_box()
    var detection = adder_detection()
    for (place, byte, reason) in [
      (0, 0, .wrongShift), (4, 0, .wrongEntryCount), (8, 1, .misaligned), (16, 1, .wrongDirection),
      (16, 99, .unknownTensor), (16 + 20 + 16, 9, .shapeMismatch),
    ] as [(Int, UInt8, ModelError.Reason)] {
      let right = model.file.bytes[section + place]
      model.file.bytes[section + place] = byte
      let status = adder_status(reason.rawValue)
      #expect(adder_get_detection(model.handle, &detection) == status)
      #expect(adder_detect(model.handle, &box, 1, &counts) == status)
      model.file.bytes[section + place] = right
    }
    #expect(adder_detect(model.handle, &box, 1, &counts) == ADDER_OK)
  }
}
