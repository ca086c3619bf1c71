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

  @Test func `removes a prefix that a few names lack, and names them`() {
    let (names, notes) = stripCommonPrefixes([
      "module.model.a.weight", "n_averaged", "module.model.b.weight", "module.model.c.weight",
    ])
    #expect(names == ["a.weight", "n_averaged", "b.weight", "c.weight"])
    #expect(
      notes == [
        "stripped the prefix 'module.' from 3 of 4 keys, which 'n_averaged' does not have",
        "stripped the prefix 'model.' from 3 of 4 keys, which 'n_averaged' does not have",
      ])
  }

  @Test(
    "leaves a prefix that half of the names lack, that may be a module, or that tells names apart",
    arguments: [
      ["module.a", "b"], ["model.a.weight", "model.b.weight", "head.weight"],
      ["module.a", "module.b", "a"],
    ])
  func leaves(names: [String]) {
    #expect(stripCommonPrefixes(names).names == names)
    #expect(stripCommonPrefixes(names).notes.isEmpty)
  }

  @Test func `leaves other prefixes and names that would become empty`() {
    #expect(stripCommonPrefixes(["layer1.a", "layer1.b"]).names == ["layer1.a", "layer1.b"])
    #expect(stripCommonPrefixes(["net.", "net.a"]).names == ["net.", "net.a"])
    #expect(stripCommonPrefixes([]).names.isEmpty)
  }
}
