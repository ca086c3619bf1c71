import CommandLineSupport
import Testing

@Suite struct SuggestionTests {
  @Test(
    "counts insertions, deletions, substitutions and exchanges",
    arguments: [
      ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abd", 1),
      ("abc", "ac", 1), ("abcd", "acbd", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
      ("größe", "grosse", 3),
    ])
  func distance(a: String, b: String, expected: Int) {
    #expect(Suggestion.distance(a, b) == expected)
    #expect(Suggestion.distance(b, a) == expected)
  }

  @Test func `finds the nearest candidate`() {
    let options = ["--calibration-method", "--calibrate", "--bits", "--json"]
    #expect(Suggestion.nearest(to: "--calibrat", among: options) == "--calibrate")
    #expect(Suggestion.nearest(to: "--clalibrate", among: options) == "--calibrate")
    #expect(Suggestion.nearest(to: "--josn", among: options) == "--json")
    #expect(Suggestion.nearest(to: "complie", among: ["verify", "compile"]) == "compile")
  }

  @Test func `completes a beginning of three letters`() {
    #expect(Suggestion.nearest(to: "--cal", among: ["--bits", "--calibration"]) == "--calibration")
    #expect(Suggestion.nearest(to: "--ca", among: ["--bits", "--calibration"]) == nil)
  }

  @Test func `suggests nothing that is far`() {
    #expect(Suggestion.nearest(to: "--frobnicate", among: ["--bits", "--json"]) == nil)
    #expect(Suggestion.nearest(to: "", among: ["--bits"]) == nil)
    #expect(Suggestion.nearest(to: "x", among: []) == nil)
  }

  @Test func `says what was meant, or where to look`() {
    #expect(
      CommandLineFailure.unknown("option", "--calibrat", among: ["--calibrate"]).messages
        == ["unknown option '--calibrat'. Did you mean '--calibrate'?"])
    #expect(
      CommandLineFailure.unknown("option", "--zzz", among: ["--calibrate"]).messages
        == ["unknown option '--zzz'; see --help"])
    #expect(
      CommandLineFailure.unknown(
        "value", "zzz", of: " of '--arch'", among: ["auto", "lenet5", "resnet20"], listing: true
      ).messages == ["unknown value 'zzz' of '--arch', expected auto, lenet5 or resnet20"])
  }
}
