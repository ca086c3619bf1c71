import CommandLineSupport
import Testing

@Suite struct ExitCodeTests {
  @Test func `has the numbers of the command-line contract`() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 69, 70, 71, 73])
  }
}
