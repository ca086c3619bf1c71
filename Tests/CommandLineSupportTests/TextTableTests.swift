import CommandLineSupport
import Testing

@Suite struct TextTableTests {
  @Test func `aligns words left and numbers right`() {
    var table = TextTable([.init("layer"), .init("bits", .right), .init("note")])
    table.append(["conv1", "8", "a"])
    table.append(["layer1.0.conv1", "16", ""])
    table.appendRule()
    table.append(["total", "10000", "é"])
    let expected = """
      layer            bits  note
      --------------  -----  ----
      conv1               8  a
      layer1.0.conv1     16
      --------------  -----  ----
      total           10000  é

      """
    #expect(table.text() == expected)
  }

  @Test func `a table without rows is its header`() {
    #expect(TextTable([.init("a"), .init("b", .right)]).text() == "a  b\n-  -\n")
  }

  @Test func `a hostile name stays in its cell`() {
    var table = TextTable([.init("a")])
    table.append(["x\ny"])
    #expect(table.text() == "a\n-------\nx\\u{a}y\n")
  }
}
