import AdderCompiler
import Testing

@Suite struct StripPrefixTests {
  @Test func `removes nested wrappers one after the other`() {
    let (names, notes) = stripCommonPrefixes([
      "model._orig_mod.module.conv1.adder", "model._orig_mod.module.fc.weight",
    ])
    #expect(names == ["conv1.adder", "fc.weight"])
    #expect(
      notes == [
        "stripped the prefix 'model.' from 2 keys", "stripped the prefix '_orig_mod.' from 2 keys",
        "stripped the prefix 'module.' from 2 keys",
      ])
  }

  @Test func `leaves a prefix that one name lacks`() {
    let names = ["module.a", "b"]
    #expect(stripCommonPrefixes(names).names == names)
    #expect(stripCommonPrefixes(names).notes.isEmpty)
  }

  @Test func `leaves other prefixes and names that would become empty`() {
    #expect(stripCommonPrefixes(["layer1.a", "layer1.b"]).names == ["layer1.a", "layer1.b"])
    #expect(stripCommonPrefixes(["net.", "net.a"]).names == ["net.", "net.a"])
    #expect(stripCommonPrefixes([]).names.isEmpty)
  }
}
