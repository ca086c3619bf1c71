import CommandLineSupport
import Testing

@Suite struct UnknownWordTests {
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
