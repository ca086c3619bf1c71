import AdderText
import Testing

@Suite struct ExactNameTests {
  private let composed = "\u{E9}"
  private let decomposed = "e\u{301}"

  @Test func `names that only Unicode calls equal are two names`() {
    #expect(composed == decomposed)
    #expect(ExactName(composed) != ExactName(decomposed))
    #expect(Set([ExactName(composed), ExactName(decomposed)]).count == 2)
    // The Kelvin sign is K to `String`.
    #expect(ExactName("\u{212A}") != ExactName("K"))
  }

  @Test func `orders names by their bytes`() {
    #expect(ExactName("a") < ExactName("ab"))
    #expect(ExactName(decomposed) < ExactName(composed))
    #expect(!(ExactName("a") < ExactName("a")))
  }

  @Test func `thirty combining marks in a row are text, thirty-one are not`() {
    let marks = { String(repeating: "\u{301}", count: $0) }
    #expect(("a" + marks(30) + "b" + marks(30)).isStreamSafe)
    #expect(!("a" + marks(31)).isStreamSafe)
    #expect("".isStreamSafe)
    #expect(String(repeating: "e\u{301}ก\u{E49}", count: 1000).isStreamSafe)
  }

  @Test func `JSON keys differ where their bytes do`() throws {
    let value = try JSONValue(reading: Array("{\"\(composed)\": 1, \"\(decomposed)\": 2}".utf8))
    var fields = JSONFields()
    let object = fields.object(value, at: "")
    let members = try #require(object)
    #expect(members[composed] == 1)
    #expect(members[decomposed] == 2)
    #expect(members.keys.count == 2)
  }

  @Test func `refuses keys that are too long and strings of marks`() throws {
    func text(_ json: String) -> String? {
      #expect(throws: JSONError.self) { try JSONValue(reading: Array(json.utf8)) }?.text
    }
    _ = try JSONValue(reading: Array("{\"\(String(repeating: "k", count: 1024))\": 1}".utf8))
    #expect(
      text("{\"\(String(repeating: "k", count: 1025))\": 1}")
        == "line 1, column 3: a string of more than 1024 bytes, expected a shorter one")
    #expect(
      text("{\"\(String(repeating: "\\u0041", count: 1025))\": 1}")
        == "line 1, column 3: a string of more than 1024 bytes, expected a shorter one")
    let marks = String(repeating: "\u{301}\u{316}", count: 20)
    for json in ["\"a\(marks)\"", "{\"a\(marks)\": 1}"] {
      #expect(text(json)?.hasSuffix("more than 30 combining marks in a row, expected text") == true)
    }
  }

  @Test func `refuses a text of too many values`() throws {
    let most = (1 << 19) - 1
    _ = try JSONValue(reading: Array(("[" + String(repeating: "0,", count: most - 1) + "0]").utf8))
    let error = #expect(throws: JSONError.self) {
      try JSONValue(reading: Array(("[" + String(repeating: "0,", count: most) + "0]").utf8))
    }
    #expect(error?.text.hasSuffix("more than 524288 values, expected fewer") == true)
  }

  @Test func `keeps a thousand findings and counts the others`() {
    var fields = JSONFields()
    for index in 0..<1500 { fields.findings.append("\(index)") }
    #expect(fields.findings.count == 1000)
    #expect(fields.findings.last == "999")
    #expect(fields.omittedCount == 500)
  }
}
