import ADBFormat
import AdderModel
import AdderTestSupport
import Testing

@Suite struct DetectionTests {
  @Test func `describes how outputs become boxes`() throws {
    var builder = ModelBuilder.detector(height: 48, width: 64, classCounts: [3, 3]) { header, _ in
      header.overlap = 64
      header.candidateLimit = 50
      header.boxLimit = 10
      header.scoreThresholdBits = Float(0.25).bitPattern
    }
    let model = try Model(builder.bytes())
    let detection = try #require(model.detection)
    #expect(detection.fractionBits == 4)
    #expect(detection.overlap == 64)
    #expect(detection.candidateLimit == 50)
    #expect(detection.boxLimit == 10)
    #expect(detection.scoreThreshold == 0.25)
    #expect(detection.classCount == 3)
    #expect(detection.levels.map(\.stride) == [8, 16])
    #expect(detection.levels.map(\.threshold) == [-48, -48])
    let outputs = model.outputs.map(\.tensor.index)
    #expect(
      detection.levels.flatMap { [$0.classes, $0.distances, $0.centerness] }
        == Array(outputs.prefix(6)))
    #expect(model.className(1) == nil)
    builder.classNames = ["cat", "dog", "frog"]
    #expect(try Model(builder.bytes()).className(1) == "dog")
  }

  @Test func `has none where the file says nothing of boxes`() throws {
    let model = try Model(ModelBuilder.sample().bytes())
    #expect(model.detection == nil)
    #expect(model.className(0) == nil)
  }

  @Test func `finds the fields of the section in errors`() throws {
    func place(
      _ change: (inout ADBFormat.Detection, inout [DetectionLevel]) -> Void
    ) throws -> Model.Place? {
      let bytes = ModelBuilder.detector(change).bytes()
      let error = try #require(throws: ModelError.self) { try Model(bytes) }
      return Model.Place(of: error, in: bytes)
    }
    let header = try place { header, _ in header.boxLimit = 300 }
    #expect(header?.part == .detection)
    #expect(header?.field?.name == "boxLimit")
    #expect(header?.field?.value == 300)
    let level = try place { _, levels in levels[1].distanceShift = -24 }
    #expect(level?.part == .detectionLevel(1))
    #expect(level?.field?.name == "distanceShift")
    #expect(level?.field?.value == -24)
  }
}
