import CommandLineSupport
import Testing

@Suite struct ParsedArgumentsValuesTests {
  private func parse(_ options: String...) throws -> ParsedArguments {
    try compile.parse(["m", "-o", "x"] + options)
  }

  @Test func `options that are not given have no value`() throws {
    let parsed = try parse()
    #expect(try parsed.integer("bits", in: 4...16) == nil)
    #expect(try parsed.number("min-agreement", in: 0...1) == nil)
    #expect(try parsed.numbers("mean") == nil)
    #expect(try parsed.shape("input-shape") == nil)
    #expect(try parsed.assignments("map") == [])
    #expect(try parsed.integerAssignments("layer-bits", in: 4...16) == [])
  }

  @Test func `reads integers`() throws {
    #expect(try parse("--bits=8").integer("bits", in: 4...16) == 8)
    #expect(try parse("--bits=-3").integer("bits", in: -3...3) == -3)
  }

  @Test(
    "refuses what is no integer in range",
    arguments: ["3", "17", "8.0", "+8", "8 ", "0x8", "eight", "99999999999999999999", "٨"])
  func badInteger(text: String) throws {
    let parsed = try parse("--bits=\(text)")
    #expect(
      message(.usage) { _ = try parsed.integer("bits", in: 4...16) }
        == "--bits: '\(text)', expected an integer from 4 to 16")
  }

  @Test func `says a range without an end in words`() throws {
    let parsed = try parse("--bits=0")
    #expect(
      message(.usage) { _ = try parsed.integer("bits", in: 1 ... .max) }
        == "--bits: '0', expected an integer of at least 1")
  }

  @Test func `reads numbers`() throws {
    #expect(try parse("--min-agreement=98.5").number("min-agreement", in: 0...100) == 98.5)
    #expect(try parse("--min-agreement=-1e3").number("min-agreement", in: -1e3...0) == -1000)
  }

  @Test(
    "refuses what is no number in range",
    arguments: ["101", "-0.5", "nan", "inf", "0x1p3", "1e999", "1,5"])
  func badNumber(text: String) throws {
    let parsed = try parse("--min-agreement=\(text)")
    #expect(
      message(.usage) { _ = try parsed.number("min-agreement", in: 0...100) }
        == "--min-agreement: '\(text)', expected a number from 0 to 100")
  }

  @Test func `reads lists of numbers`() throws {
    #expect(try parse("--mean=0.5,.25,-1").numbers("mean") == [0.5, 0.25, -1])
    #expect(try parse("--mean=7").numbers("mean") == [7])
  }

  @Test("refuses lists with a gap", arguments: [",", "1,", ",1", "1,,2", "1 ,2", "1;2"])
  func badNumbers(text: String) throws {
    let parsed = try parse("--mean=\(text)")
    #expect(
      message(.usage) { _ = try parsed.numbers("mean") }
        == "--mean: '\(text)', expected numbers separated by commas, such as 0.5,0.25,1")
  }

  @Test func `reads shapes`() throws {
    #expect(try parse("--input-shape=3x32x28").shape("input-shape") == [3, 32, 28])
    #expect(try parse("--input-shape=1x32x65535").shape("input-shape") == [1, 32, 65_535])
  }

  @Test(
    "refuses what is no shape",
    arguments: ["3", "3x32", "3x32x32x1", "0x32x32", "3x-1x32", "3xx32", "3X32X32", "3x32x65536"])
  func badShape(text: String) throws {
    let parsed = try parse("--input-shape=\(text)")
    #expect(
      message(.usage) { _ = try parsed.shape("input-shape") }
        == "--input-shape: '\(text)', expected 3 extents from 1 to 65535, such as 3x32x32")
  }

  @Test func `reads assignments`() throws {
    let parsed = try parse("--map", "net.*=*", "--map=a=b=c,d")
    #expect(
      try parsed.assignments("map")
        == [Assignment(name: "net.*", value: "*"), Assignment(name: "a", value: "b=c,d")])
  }

  @Test("refuses half an assignment", arguments: ["a", "a=", "=a", "="])
  func badAssignment(text: String) throws {
    let parsed = try parse("--map", text)
    #expect(
      message(.usage) { _ = try parsed.assignments("map") }
        == "--map: '\(text)', expected NAME=VALUE")
  }

  @Test func `reads lists of integers by name`() throws {
    let parsed = try parse("--layer-bits=a.b=4,c=16", "--layer-bits", "d=8")
    #expect(
      try parsed.integerAssignments("layer-bits", in: 4...16) == [
        Assignment(name: "a.b", value: 4), Assignment(name: "c", value: 16),
        Assignment(name: "d", value: 8),
      ])
  }

  @Test("refuses a list with a wrong entry", arguments: ["a", "a=", "=4", "a=3", "a=4=5", ""])
  func badIntegerAssignment(text: String) throws {
    let parsed = try parse("--layer-bits=x=4,\(text)")
    #expect(
      message(.usage) { _ = try parsed.integerAssignments("layer-bits", in: 4...16) }
        == "--layer-bits: '\(text)', expected NAME=N with N an integer from 4 to 16")
  }

  @Test func `refuses one name twice`() throws {
    let parsed = try parse("--layer-bits=a=4,a=5", "--map=b=1", "--map=b=1")
    #expect(
      message(.usage) { _ = try parsed.integerAssignments("layer-bits", in: 4...16) }
        == "--layer-bits: 'a' is given twice")
    #expect(
      message(.usage) { _ = try parsed.assignments("map") } == "--map: 'b' is given twice")
  }
}
