import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import AdderModel
import Foundation
import Testing

@Suite struct DetectionTests {
  @Test func `a description becomes a section of the numbers that the document asks for`() throws {
    let text = """
      {"strides": [8, 16], "score": 0.25, "overlap": 0.3, "candidates": 60, "boxes": 20}
      """
    let model = try Model(DetectorNetwork(text).compiled().bytes)
    let detection = try #require(model.detection)
    // 24 pixels take 6,144 of 65,535 units of 1/256.
    #expect(detection.fractionBits == 8)
    // 0.3 · 256 = 76.8
    #expect(detection.overlap == 77)
    #expect(detection.candidateLimit == 60)
    #expect(detection.boxLimit == 20)
    #expect(detection.scoreThreshold == 0.25)
    #expect(detection.classCount == 3)
    #expect(detection.levels.map(\.stride) == [8, 16])
    let names = detection.levels.map {
      [$0.classes, $0.distances, $0.centerness].map { model.tensors[$0].name }
    }
    #expect(names == [["ac", "ar", "aq"], ["bc", "br", "bq"]])
    for (level, stride) in zip(0..<UInt32(2), [3, 4]) {
      let record = try #require(try model.view.detection()).level(level)
      func fraction(_ tensor: UInt32) -> Int {
        -Int(log2(Double(model.tensors[Int(tensor)].quantization.scale)))
      }
      #expect(Int(record.classShift) == fraction(record.classes) - 16)
      #expect(Int(record.centernessShift) == fraction(record.centerness) - 16)
      #expect(Int(record.distanceShift) == fraction(record.distances) - 8 - stride)
      // The least integer whose logistic function is at least 1/4: σ(−ln 3) = 1/4.
      let scale = Double(model.tensors[Int(record.classes)].quantization.scale)
      func probability(_ element: Int32) -> Double { 1 / (1 + exp(-Double(element) * scale)) }
      #expect(probability(record.threshold) >= 0.25)
      #expect(probability(record.threshold - 1) < 0.25)
    }
  }

  @Test func `the table is that of ln(1 + e^-x) in 1 / 65536`() throws {
    let bytes = try DetectorNetwork().compiled().bytes
    let model = try Model(bytes)
    let view = try #require(try model.view.detection())
    let table = (0...1024).map {
      view.table.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self).littleEndian
    }
    // ln 2, ln(1 + 1/e), ln(1 + e^-2) and ln(1 + e^-16), times 65536.
    #expect(table[0] == 45_426)
    #expect(table[64] == 20_530)
    #expect(table[128] == 8_318)
    #expect(table[1024] == 0)
    #expect(zip(table, table.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func `what a description leaves out has its default`() throws {
    let detection = try #require(
      try Model(DetectorNetwork(#"{"strides": [8, 16]}"#).compiled().bytes).detection)
    #expect(detection.scoreThreshold == 0.05)
    #expect(detection.overlap == 128)
    #expect(detection.candidateLimit == 200)
    #expect(detection.boxLimit == 100)
    let few = #"{"strides": [8, 16], "candidates": 30}"#
    #expect(try Model(DetectorNetwork(few).compiled().bytes).detection?.boxLimit == 30)
  }

  @Test func `outputs may be in any order, and more than the detector's`() throws {
    var network = DetectorNetwork(
      #"{"strides": [8, 16], "outputs": [[6, 5, 4], [3, 2, 1]]}"#)
    network.replace(
      #"["ac", "ar", "aq", "bc", "br", "bq"]"#,
      with: #"["b", "bq", "br", "bc", "aq", "ar", "ac"]"#)
    let model = try Model(network.compiled().bytes)
    let levels = try #require(model.detection).levels
    #expect(levels.map { model.tensors[$0.classes].name } == ["ac", "bc"])
    #expect(levels.map { model.tensors[$0.centerness].name } == ["aq", "bq"])
  }

  @Test(
    "coordinates have as many bits as 65535 units allow",
    arguments: [(255, 8), (256, 7), (512, 6), (511, 7), (32_767, 1), (16_384, 1)])
  func choosesBits(width: Int, bits: Int) throws {
    var network = DetectorNetwork(#"{"strides": [8, 16]}"#)
    network.replace("[1, 16, 24]", with: "[1, 1, \(width)]")
    #expect(try Model(network.compiled().bytes).detection?.fractionBits == bits)
  }

  @Test func `a network without a description has the bytes that it always had`() throws {
    var network = DetectorNetwork(nil)
    let plain = try network.compiled().bytes
    network.checkpoint.metadata["adder.detection"] = #"{"strides": [8, 16]}"#
    network.change = { $0.detection = .none }
    #expect(try network.compiled().bytes == plain)
    #expect(try Model(plain).detection == nil)
    // Of a detector's, all but the section and its table.
    network.change = { _ in }
    let detector = try Model(network.compiled().bytes)
    let model = try Model(plain)
    #expect(detector.tensors == model.tensors)
    #expect(detector.layers.map(\.name) == model.layers.map(\.name))
    #expect(detector.arenaByteCount == model.arenaByteCount)
    #expect(detector.sections.map(\.kind) == model.sections.map(\.kind) + [.detection])
    let constants = zip([detector, model], [0, 2052]).map { model, added in
      model.sections.first { $0.kind == .constants }.map { Int($0.byteCount) - added }
    }
    #expect(constants[0] == constants[1])
  }

  @Test func `the checkpoint's description is taken unless an option gives another`() throws {
    var network = DetectorNetwork(nil)
    network.checkpoint.metadata["adder.detection"] = #"{"strides": [8, 16], "boxes": 7}"#
    let stored = try network.compiled()
    #expect(try Model(stored.bytes).detection?.boxLimit == 7)
    #expect(
      stored.report.assumptions.last == "detection: the description stored in m.safetensors")
    network.detection = #"{"strides": [8, 16], "boxes": 9}"#
    let given = try network.compiled()
    #expect(try Model(given.bytes).detection?.boxLimit == 9)
    #expect(
      given.report.assumptions.suffix(2) == [
        "detection: the description d.json",
        "the detection stored in m.safetensors is not used: another was asked for",
      ])
    network.detection = nil
    network.change = { $0.detection = .none }
    let left = try network.compiled()
    #expect(
      left.report.assumptions.last
        == "the detection stored in m.safetensors is not used: none was asked for")
    #expect(left.report.detection == nil)
    network.checkpoint.metadata["adder.detection"] = #"{"stride": [8]}"#
    network.change = { _ in }
    #expect(
      network.failure() == [
        "malformed",
        "m.safetensors (adder.detection): stride: unknown key. Did you mean 'strides'?",
        "m.safetensors (adder.detection): strides: missing, expected an array of 1...16 powers of "
          + "two, one for each level",
      ])
  }

  @Test func `the report says what was taken`() throws {
    let report = try #require(
      try DetectorNetwork(#"{"strides": [8, 16], "score": 0.1}"#).compiled().report.detection)
    #expect(report.description.levels.map(\.stride) == [8, 16])
    #expect(report.description.score == 0.1)
    #expect(report.classCount == 3)
    #expect(report.fractionBits == 8)
  }

  @Test func `the dumped program shows the section`() throws {
    var text = ""
    var observer = CompileObserver()
    observer.dump = { pass, dump in if pass == .lower { text = dump() } }
    _ = try DetectorNetwork().compiled(observer)
    #expect(
      text.contains("\n  detection: bits 8, overlap 128, candidates 200, boxes 100, table at "))
    #expect(text.contains("\n  stride 16: classes %"))
  }

  @Test func `class names are those of the first level's classes`() throws {
    var network = DetectorNetwork()
    network.change = { $0.classNames = ["a", "b", "c"] }
    let model = try Model(network.compiled().bytes)
    #expect((0..<3).map(model.className) == ["a", "b", "c"])
    network.change = { $0.classNames = ["a", "b"] }
    #expect(
      network.failure() == [
        "usage",
        "--class-names: 2 names, expected 3, one for each channel of the first output 'ac'",
      ])
    network.detection = #"{"strides": [8, 16], "outputs": [[1, 0, 2], [3, 4, 5]]}"#
    network.replace(#"["ac", "ar","#, with: #"["ar", "ac","#)
    #expect(
      network.failure() == [
        "usage",
        "--class-names: a model holds names of the first output's channels, and 'ar' has 4, the "
          + "classes 'ac' of the detector 3; let the network give the classes of the first level "
          + "first",
      ])
    network.change = { _ in }
    #expect(try Model(network.compiled().bytes).detection != nil)
  }

  @Test func `logits of nothing but zeros are all above a low score`() throws {
    var network = DetectorNetwork()
    network.checkpoint["c.weight"].values = [Float](repeating: 0, count: 12)
    // Steps of 2^-37: ln(0.05 / 0.95) is far below what 32 bits hold.
    #expect(
      try Model(network.compiled().bytes).detection?.levels.map(\.threshold) == [.min, .min])
    network.detection = #"{"strides": [8, 16], "score": 0.9}"#
    #expect(
      try Model(network.compiled().bytes).detection?.levels.map(\.threshold) == [.max, .max])
  }
}
