import AdderText
import Testing

@Suite struct JSONReadingTests {
  @Test(
    "text that is no JSON is refused with line and column",
    arguments: [
      ("", "line 1, column 1: the file ends where a value is expected"),
      ("{\n  \"a\": NaN}", "line 2, column 8: expected a value"),
      ("{\"a\": 1e999}", "line 1, column 12: the number is out of range"),
      ("{\"a\": 1.}", "line 1, column 9: expected a digit"),
      ("{\"a\": 01}", "line 1, column 8: expected ',' or '}'"),
      ("{\"a\": -}", "line 1, column 8: expected a digit"),
      ("{\"a\": tru}", "line 1, column 7: expected a value"),
      ("{\"a\": 1, \"a\": 2}", "line 1, column 13: the key 'a' is here twice"),
      ("{\"a\": 1,}", "line 1, column 9: expected a key in quotes"),
      ("{\"a\" 1}", "line 1, column 6: expected ':'"),
      ("[1 2]", "line 1, column 4: expected ',' or ']'"),
      ("{} x", "line 1, column 4: expected the end of the file"),
      ("\"a\nb\"", "line 1, column 3: control character in a string"),
      ("\"a", "line 1, column 3: the string does not end"),
      ("\"\\x\"", "line 1, column 3: unknown escape in a string"),
      ("\"\\u12g4\"", "line 1, column 4: expected four hexadecimal digits"),
      ("\"\\ud800\"", "line 1, column 8: half of a surrogate pair"),
      ("\"\\ud800\\u0041\"", "line 1, column 14: half of a surrogate pair"),
      (
        String(repeating: "[", count: 100_000), "line 1, column 33: nested deeper than 32 levels"
      ),
      (
        String(repeating: " ", count: 1 << 22) + " ", "4194305 bytes, expected at most 4194304"
      ),
    ])
  func refusesInvalidText(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue(reading: Array(text.utf8)) }
    #expect(error?.text == message)
  }

  @Test func `refuses strings that are not UTF-8`() {
    let error = #expect(throws: JSONError.self) { try JSONValue(reading: [0x22, 0xFF, 0x22]) }
    #expect(error?.text == "line 1, column 4: the string is not UTF-8")
  }

  private func read(_ text: String) throws -> JSONValue {
    try JSONValue(reading: Array(text.utf8))
  }

  @Test func `escapes are decoded`() throws {
    #expect(
      try read(#""\u0074wo\u002D\ud83d\uDE00\"\/\\\b\f\n\r\té""#)
        == "two-\u{1F600}\"/\\\u{8}\u{C}\n\r\té")
  }

  @Test func `reads what it writes`() throws {
    let value: JSONValue = [
      "s": "\u{1}\"/\\é🙂", "n": [1e-7, -3, 1e300, .integer(.max), .integer(.min)], "e": [],
      "o": ["x": [[], [:], nil, true, false]],
    ]
    #expect(try read(value.text()) == value)
  }

  @Test(
    "a number is an integer where its value is one",
    arguments: [
      ("0", 0), ("-0", 0), ("3.0", 3), ("1e3", 1000), ("-7", -7), ("9223372036854775807", .max),
      ("9223372036854775808", nil), ("2.5", nil), ("\"3\"", nil), ("null", nil),
    ] as [(String, Int?)])
  func readsIntegers(text: String, expected: Int?) throws {
    #expect(try read(text).integer(in: .min ... .max) == expected)
  }

  @Test func `keeps the sign of zero and the digits of integers`() throws {
    #expect(try read("-0").number?.sign == .minus)
    #expect(try read("9007199254740993") == .integer(9_007_199_254_740_993))
    #expect(try read("[1, 2.0]").integers(in: 1...2) == [1, 2])
    #expect(try read("[1, 3]").integers(in: 1...2) == nil)
  }
}
