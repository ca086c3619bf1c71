import AdderText
import Testing

@Suite struct PrintableTests {
  @Test func `ordinary text stays as it is`() {
    #expect("layer1.0.conv1: Größe 層 🙂".printable == "layer1.0.conv1: Größe 層 🙂")
  }

  @Test func `control and reordering characters become visible`() {
    #expect("a\u{1B}[2J\nb".printable == "a\\u{1b}[2J\\u{a}b")
    #expect("\u{202E}gpj\u{2028}\u{9B}\u{0}".printable == "\\u{202e}gpj\\u{2028}\\u{9b}\\u{0}")
  }

  @Test func `tells whether all of a text can be printed`() {
    #expect("層 \u{E000}🙂".isPrintable)
    for text in ["a\nb", "\u{202E}", "\u{2028}", "\u{9B}", "\u{378}"] { #expect(!text.isPrintable) }
  }

  @Test func `quotes names on one line and cuts long ones`() {
    #expect(quoted("a\nb") == "'a\\u{a}b'")
    #expect(quoted(String(repeating: "é", count: 120)) == "'\(String(repeating: "é", count: 120))'")
    #expect(
      quoted(String(repeating: "é", count: 121)) == "'\(String(repeating: "é", count: 120))…'")
    let names = (1...9).map(String.init)
    #expect(quotedList(Array(names.prefix(2))) == "'1', '2'")
    #expect(quotedList(names) == "'1', '2', '3', '4', '5', '6', '7', '8' and 1 more")
  }
}
