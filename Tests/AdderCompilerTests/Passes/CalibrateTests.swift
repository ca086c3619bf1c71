import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct CalibrateTests {
  @Test func `every value's distribution holds all images`() throws {
    let graph = Graph(
      channels: 1, height: 2, width: 3, outputs: ["b"],
      [
        Node("a", .affine(ChannelAffine(slope: [-2], centre: [0], bias: [1]), nil), "image"),
        Node("b", .clamp(.relu), "a"),
      ])
    var done: [Int] = []
    let bytes = (0..<240).map { UInt8($0) }
    let images = CalibrationSet(inputs: [(bytes: bytes, shape: graph.inputs[0].shape)])
    #expect(images.imageCount == 40)
    let distributions = try calibrate(graph, on: images) { done.append($0) }
    #expect(done == [32, 40])
    #expect(distributions.source == "40 images")
    let a = try #require(distributions.histograms["a"])
    #expect(a.minimum == -477 && a.maximum == 1 && a.counts.reduce(0, +) == 240)
    let b = try #require(distributions.histograms["b"])
    #expect(b.minimum == 0 && b.maximum == 1 && b.counts.reduce(0, +) == 240)
    let image = try #require(distributions.histograms["image"])
    #expect(image.minimum == 0 && image.maximum == 239)
  }

  @Test("values that are no numbers are refused", arguments: [3e38, Float.nan, -Float.infinity])
  func refusesInfinity(slope: Float) {
    let graph = Graph(
      channels: 1, height: 1, width: 1,
      [
        Node("a", .affine(ChannelAffine(slope: [slope], centre: [0], bias: [0]), nil), "image"),
        Node("b", .clamp(.relu), "a"),
      ])
    let images = CalibrationSet(inputs: [(bytes: [0, 9], shape: graph.inputs[0].shape)])
    #expect(
      failure { () throws(CompileError) in _ = try calibrate(graph, on: images) } == [
        "malformed",
        "g: 'a' is infinite or no number on the images; its weights may be too large",
      ])
  }
}
