import AdderText
import Foundation
import Testing

@Suite struct JSONValueTests {
  @Test func `keeps the order of members and begins with the schema`() throws {
    let value = JSONValue.document(
      schema: "adder/inspect/1",
      [
        .init("tensors", 2), .init("a", [1, 2.5, true]), .init("none", []), .init("empty", [:]),
        .init("layers", [["name": "conv1", "mse": nil], [3, 4]]),
      ])
    let expected = """
      {
        "schema": "adder/inspect/1",
        "tensors": 2,
        "a": [1, 2.5, true],
        "none": [],
        "empty": {},
        "layers": [
          {
            "name": "conv1",
            "mse": null
          },
          [3, 4]
        ]
      }

      """
    #expect(try value.text() == expected)
  }

  @Test(
    "numbers have the fewest digits that read back",
    arguments: [
      (0.1, "0.1"), (1, "1.0"), (-0.0, "-0.0"), (1e21, "1e+21"), (.leastNonzeroMagnitude, "5e-324"),
      (1.0 / 3, "0.3333333333333333"), (123_456_789.25, "123456789.25"),
    ])
  func numbers(value: Double, expected: String) throws {
    #expect(try JSONValue.number(value).text() == expected + "\n")
  }

  @Test func `a float keeps the digits of a float`() throws {
    #expect(try JSONValue.number(Float(0.1)).text() == "0.1\n")
    #expect(try JSONValue.number(Float.pi).text() == "3.1415925\n")
    #expect(try JSONValue.integer(.min).text() == "-9223372036854775808\n")
  }

  @Test func `escapes what JSON and terminals require, not slashes`() throws {
    #expect(
      try JSONValue.string("a/b \"\\\n\r\t\u{0}\u{1B}\u{7F}\u{9B} é🙂").text()
        == #""a/b \"\\\n\r\t\u0000\u001b\u007f\u009b é🙂""# + "\n")
  }

  @Test func `refuses numbers that JSON cannot express`() {
    for number in [Double.nan, .infinity, -.infinity] {
      let value: JSONValue = ["a": [1, .number(number)]]
      let error = #expect(throws: JSONNumberError.self) { try value.text() }
      #expect(error?.message == "JSON output: $.a[1] is \(number), not a number")
    }
    #expect(throws: JSONNumberError.self) { try JSONValue.number(Float.nan).text() }
  }

  @Test func `another decoder reads the same values`() throws {
    let value: JSONValue = ["s": "\u{1}\"/\\", "n": [1e-7, -3, 1e300], "o": ["x": [[]]], "z": nil]
    let object = try JSONSerialization.jsonObject(with: Data(value.text().utf8))
    let dictionary = try #require(object as? [String: Any])
    #expect(dictionary["s"] as? String == "\u{1}\"/\\")
    #expect(dictionary["n"] as? [Double] == [1e-7, -3, 1e300])
    #expect(dictionary["z"] is NSNull)
  }
}
