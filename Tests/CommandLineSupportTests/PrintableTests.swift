import CommandLineSupport
import Testing

@Suite struct PrintableTests {
  @Test func `ordinary text stays as it is`() {
    #expect("layer1.0.conv1: Größe 層 🙂".printable == "layer1.0.conv1: Größe 層 🙂")
  }

  @Test func `control and reordering characters become visible`() {
    #expect("a\u{1B}[2J\nb".printable == "a\\u{1b}[2J\\u{a}b")
    #expect("\u{202E}gpj\u{2028}\u{9B}\u{0}".printable == "\\u{202e}gpj\\u{2028}\\u{9b}\\u{0}")
  }
}
