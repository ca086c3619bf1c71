import CommandLineSupport
import Testing

@Suite struct CommandSpecificationTests {
  @Test func `refuses an option that is declared twice`() async {
    await #expect(processExitsWith: .failure) {
      _ = CommandSpecification(
        name: "x", summary: "x",
        options: [OptionSpecification("a", help: "a"), OptionSpecification("a", help: "a")])
    }
  }

  @Test func `refuses to redefine help`() async {
    await #expect(processExitsWith: .failure) {
      _ = CommandSpecification(
        name: "x", summary: "x", options: [OptionSpecification("host", short: "h", help: "a")])
    }
  }

  @Test func `refuses a required argument after an optional one`() async {
    await #expect(processExitsWith: .failure) {
      _ = CommandSpecification(
        name: "x", summary: "x",
        positionals: [
          PositionalSpecification("A", isOptional: true, help: "a"),
          PositionalSpecification("B", help: "b"),
        ])
    }
  }
}
