import AdderText
import Testing

@Suite struct NearestNameTests {
  @Test(
    "counts insertions, deletions, substitutions and exchanges",
    arguments: [
      ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abd", 1),
      ("abc", "ac", 1), ("abcd", "acbd", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
      ("größe", "grosse", 3),
    ])
  func distance(a: String, b: String, expected: Int) {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    #expect(editDistance(a, b) == expected)
    #expect(editDistance(b, a) == expected)
  }

  @Test func `finds the nearest candidate`() {
    let options = ["--calibration-method", "--calibrate", "--bits", "--json"]
    #expect(nearestName(to: "--calibrat", among: options) == "--calibrate")
    #expect(nearestName(to: "--clalibrate", among: options) == "--calibrate")
    #expect(nearestName(to: "--josn", among: options) == "--json")
    #expect(nearestName(to: "complie", among: ["verify", "compile"]) == "compile")
  }

  @Test func `completes a beginning of three letters`() {
    #expect(nearestName(to: "--cal", among: ["--bits", "--calibration"]) == "--calibration")
    #expect(nearestName(to: "--ca", among: ["--bits", "--calibration"]) == nil)
  }

  @Test func `suggests nothing that is far`() {
    #expect(nearestName(to: "--frobnicate", among: ["--bits", "--json"]) == nil)
    #expect(nearestName(to: "", among: ["--bits"]) == nil)
    #expect(nearestName(to: "x", among: []) == nil)
  }

  @Test func `takes upper and lower case for the same`() {
    #expect(nearestName(to: "MaxPool", among: ["add", "max_pool"]) == "max_pool")
    #expect(didYouMean("CONV1", among: ["Conv1.weight"]) == ". Did you mean 'Conv1.weight'?")
    #expect(didYouMean("zzz", among: ["Conv1.weight"]).isEmpty)
  }

  @Test func `compares neither long names nor the candidates after 2,000`() {
    let long = String(repeating: "a", count: 64)
    #expect(nearestName(to: long, among: ["b" + long.dropFirst()]) != nil)
    #expect(nearestName(to: long, among: [long + "b"]) == nil)
    #expect(nearestName(to: long + "a", among: [long]) == nil)
    let strangers = [String](repeating: "xyz", count: 2000)
    #expect(nearestName(to: "convv", among: strangers.dropLast() + ["conv"]) == "conv")
    #expect(nearestName(to: "convv", among: strangers + ["conv"]) == nil)
  }
}
