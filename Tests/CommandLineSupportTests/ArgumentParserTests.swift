import AdderTestSupport
import CommandLineSupport
import Testing

@Suite struct ArgumentParserTests {
  @Test(
    "every spelling of a value is equal",
    arguments: [
      ["m.pth", "-o", "x.adb"], ["m.pth", "-ox.adb"], ["m.pth", "-o=x.adb"],
      ["--output", "x.adb", "m.pth"], ["--output=x.adb", "m.pth"],
      ["-o", "x.adb", "--", "m.pth"],
    ])
  func spellings(arguments: [String]) throws {
    let parsed = try compile.parse(arguments)
    #expect(parsed.positional("MODEL") == "m.pth")
    #expect(parsed.required("output") == "x.adb")
  }

  @Test func `a value may hold an equals sign or begin with a dash`() throws {
    let parsed = try compile.parse(["m", "-o", "x", "--map=a.*=b", "--mean", "-1,2", "--bits=--8"])
    #expect(parsed.strings("map") == ["a.*=b"])
    #expect(parsed.string("mean") == "-1,2")
    #expect(parsed.string("bits") == "--8")
  }

  @Test func `what follows two dashes is positional, and so is one dash`() throws {
    let parsed = try concatenate.parse(["-", "--", "--x", "-", "--"])
    #expect(
      ["OUTPUT", "FIRST", "SECOND", "THIRD"].map(parsed.positional) == ["-", "--x", "-", "--"])
    #expect(try compile.parse(["-", "-o", "-"]).required("output") == "-")
  }

  @Test func `flags, repeated options and missing options are told apart`() throws {
    let parsed = try compile.parse(["m", "-o", "x", "--map", "a=b", "--json", "--map", "c=d"])
    #expect(parsed.isSet("json"))
    #expect(!parsed.isSet("quiet"))
    #expect(parsed.strings("map") == ["a=b", "c=d"])
    #expect(parsed.string("arch") == nil)
    #expect(parsed.optionalPositional("EXTRA") == nil)
  }

  @Test(
    "wrong arguments are refused with a sentence",
    arguments: [
      ([], "missing argument MODEL; see --help"),
      (["m"], "missing option '-o OUT.adb'; see --help"),
      (["m", "-o"], "option '-o' needs a value: -o OUT.adb"),
      (["m", "-o", "--json"], "option '-o' needs a value: -o OUT.adb"),
      (["m", "-o", "-b", "8"], "option '-o' needs a value: -o OUT.adb"),
      (["m", "--output="], "option '--output' needs a value: -o OUT.adb"),
      (["m", "-o", ""], "option '-o' needs a value: -o OUT.adb"),
      (["m", "-o", "x", "-o", "y"], "option '-o' is given twice"),
      (["m", "-o", "x", "--output", "y"], "option '--output' is given twice"),
      (["m", "-o", "x", "--json=yes"], "option '--json' takes no value"),
      (["m", "--calibrat", "i"], "unknown option '--calibrat'. Did you mean '--calibrate'?"),
      (["m", "--hepl"], "unknown option '--hepl'. Did you mean '--help'?"),
      (["m", "--="], "unknown option '--'; see --help"),
      (["m", "-json"], "unknown option '-json'. Did you mean '--json'?"),
      (["m", "-z"], "unknown option '-z'; see --help"),
      (["m", "-qq"], "unknown option '-qq'; see --help"),
      (
        ["m", "--arch", "resnet21"],
        "unknown value 'resnet21' of '--arch'. Did you mean 'resnet20'?"
      ),
      (
        ["m", "--arch", "vgg"],
        "unknown value 'vgg' of '--arch', expected auto, resnet20 or lenet5"
      ),
      (["m", "e", "z", "-o", "x"], "unexpected argument 'z'; compile takes MODEL EXTRA"),
    ])
  func refusals(arguments: [String], expected: String) {
    #expect(message(.usage) { _ = try compile.parse(arguments) } == expected)
  }

  @Test func `the first required argument that is missing is named`() {
    #expect(
      message(.usage) { _ = try concatenate.parse(["o"]) } == "missing argument FIRST; see --help")
  }

  @Test func `a command without arguments says so`() {
    let targets = CommandSpecification(name: "targets", summary: "list", options: [.json])
    #expect(
      message(.usage) { _ = try targets.parse(["x"]) }
        == "unexpected argument 'x'; targets takes only options")
  }

  // Every argument list either parses or fails with one usage message; the typed getters likewise.
  @Test func `no argument list crashes`() throws {
    let words = [
      "-", "--", "---", "-o", "-o=", "-o=x", "-oo", "--output", "--output=", "=", "--=", "-=", "",
      "--json", "-q", "--arch", "auto", "--arch=", "--map", "a=b", "a=", "=b", "--mean", "1,2,3",
      ",,", "nan", "--input-shape=3x32x32", "--input-shape=x", "--layer-bits", "a=4,b=5", "--bits",
      "99999999999999999999", "--bits=-0", "e\u{301}", "-\u{301}o", "\u{202E}", "--é", "🙂",
    ]
    var generator = SplitMix64(seed: 73)
    var parsedCount = 0
    for _ in 0..<5_000 {
      let arguments = (0..<Int.random(in: 0...7, using: &generator)).map { _ in
        words.randomElement(using: &generator) ?? ""
      }
      do {
        let parsed = try compile.parse(arguments)
        parsedCount += 1
        _ = try parsed.integer("bits", in: 4...16)
        _ = try parsed.numbers("mean")
        _ = try parsed.shape("input-shape")
        _ = try parsed.assignments("map")
        _ = try parsed.integerAssignments("layer-bits", in: 4...16)
      } catch {
        #expect(error.exitCode == .usage && error.messages.count == 1, "\(arguments)")
      }
    }
    #expect(parsedCount > 50)
  }
}
