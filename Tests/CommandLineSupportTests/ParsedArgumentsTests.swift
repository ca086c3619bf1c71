import CommandLineSupport
import Testing

@Suite struct ParsedArgumentsTests {
  @Test func `finds positional arguments by name`() throws {
    let parsed = try compile.parse(["a", "b", "-o", "c"])
    #expect(parsed.positional("MODEL") == "a")
    #expect(parsed.optionalPositional("EXTRA") == "b")
  }

  @Test func `an undeclared option is a defect of the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = try compile.parse(["a", "-o", "b"]).isSet("colour")
    }
  }
}
