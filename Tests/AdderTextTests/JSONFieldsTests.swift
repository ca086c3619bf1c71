import AdderText
import Testing

@Suite struct JSONFieldsTests {
  private let value: JSONValue = [
    "name": "net", "sizes": [1, 2.5], "kinds": ["a", "b"], "empty": "", "two words": nil,
  ]

  @Test func `reads members by type`() throws {
    var fields = JSONFields()
    let object = fields.object(value, at: "")
    let members = try #require(object)
    let name = fields.name(members, at: "")
    let text = fields.string(members, "name", at: "")
    let names = fields.names(members, "kinds", at: "")
    let elements = fields.elements(members, "sizes", at: "", limit: 2)
    let reals = fields.reals(.array(elements), at: "sizes", count: 2, per: "size", in: 0...3)
    #expect(name == "net")
    #expect(text == "net")
    #expect(names == ["a", "b"])
    #expect(elements == [1, 2.5])
    #expect(reals == [1, 2.5])
    #expect(fields.findings.isEmpty)
  }

  @Test func `keeps every finding with its path`() throws {
    var fields = JSONFields()
    let object = fields.object(value, at: "at", keys: ["name", "size", "kinds", "empty"])
    let members = try #require(object)
    let read: [Any?] = [
      fields.string(members, "empty", at: "at"), fields.string(members, "gone", at: "at"),
      fields.names(members, "sizes", at: "at"),
      fields.reals([1, 2.5], at: "sizes", count: 2, per: "size", in: 0...2),
      fields.object([], at: ""),
    ]
    #expect(read.allSatisfy { $0 == nil })
    let elements = fields.elements(members, "kinds", at: "at", limit: 1)
    #expect(elements.isEmpty)
    #expect(
      fields.findings == [
        "at.sizes: unknown key. Did you mean 'size'?", "at.'two words': unknown key",
        "at.empty: the string '', expected a non-empty string",
        "at.gone: missing, expected a non-empty string", "at.sizes[0]: 1, expected a name",
        "at.sizes[1]: 2.5, expected a name", "sizes[1]: 2.5, expected a number of 0.0...2.0",
        "the file: an array, expected an object",
        "at.kinds: 2 elements, expected an array of 1...1 objects",
      ])
  }

  @Test func `suggests for 20 findings at most`() {
    var fields = JSONFields()
    let members = "fghijklmnopqrstuvwxyz".map { JSONValue.Member("siz\($0)", nil) }
    _ = fields.object(.object(members), at: "", keys: ["size"])
    #expect(fields.findings.count == 21)
    #expect(fields.findings.filter { $0.hasSuffix("Did you mean 'size'?") }.count == 20)
  }
}
