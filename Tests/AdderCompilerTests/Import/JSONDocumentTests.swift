import AdderCompiler
import Testing

@Suite struct JSONDocumentTests {
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
      ("[]", "the file: an array, expected an object"),
      ("3", "the file: 3, expected an object"),
    ])
  func refusesInvalidText(text: String, message: String) {
    #expect(GraphFileFixture.failure(text) == ["malformed", "g.json: \(message)"])
  }

  @Test func `escapes are decoded`() throws {
    let text = GraphFileFixture.text.replacing("two-branches", with: #"\u0074wo\u002Dbranches"#)
    #expect(try GraphFileFixture.load(text).graph.name == "two-branches")
    var checkpoint = GraphFileFixture.checkpoint
    checkpoint["a.b"].name = "\u{1F600}\"/\n"
    let escaped = GraphFileFixture.text.replacing("a.b", with: #"\ud83d\uDE00\"\/\n"#)
    #expect(try GraphFileFixture.load(escaped, checkpoint).unusedTensors.isEmpty)
  }
}
