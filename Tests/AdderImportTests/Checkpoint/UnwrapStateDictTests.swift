import AdderCompiler
import Foundation
import Testing

@Suite struct UnwrapStateDictTests {
  private let stateDict = PickleBuilder.dictionary { _ in }.dropFirst(2).dropLast()

  @Test(
    "unwraps each key that scripts use",
    arguments: ["state_dict", "model", "model_state_dict", "net", "weights"])
  func wrapperKeys(key: String) throws {
    let pickle = PickleBuilder.entry(key) { $0.raw([UInt8](stateDict)) }
    let checkpoint = try readCheckpoint(torchZip(pickle), fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["weight"])
    #expect(checkpoint.notes == ["used the entry '\(key)'"])
  }

  @Test func `prefers state_dict and passes over a wrapper that holds no dictionary`() throws {
    var builder = PickleBuilder()
    builder.raw("}(")
    builder.string("model")
    builder.string("resnet20")
    builder.string("net")
    builder.raw("}")
    builder.string("state_dict")
    builder.raw([UInt8](stateDict))
    builder.raw("u.")
    let checkpoint = try readCheckpoint(torchZip(builder.bytes), fileName: "file")
    #expect(checkpoint.notes == ["used the entry 'state_dict' and ignored 'model', 'net'"])
  }

  /// A dictionary of these entries, each written by its function.
  private func pickle(_ entries: [(String, (inout PickleBuilder) -> Void)]) -> Data {
    var builder = PickleBuilder()
    builder.raw("}(")
    for (name, value) in entries {
      builder.string(name)
      value(&builder)
    }
    builder.raw("u.")
    return torchZip(builder.bytes)
  }

  private func dictionary(_ builder: inout PickleBuilder) { builder.raw([UInt8](stateDict)) }
  private func number(_ builder: inout PickleBuilder) {
    builder.tensor(elementCount: 4, shape: [], strides: [])
  }
  private func vector(_ builder: inout PickleBuilder) {
    builder.tensor(elementCount: 4, shape: [4], strides: [1])
  }
  /// `{'state': {0: tensor}}`
  private func optimizer(_ builder: inout PickleBuilder) {
    builder.raw("}")
    builder.string("state")
    builder.raw("}")
    builder.integer(0)
    vector(&builder)
    builder.raw("ss")
  }

  @Test func `takes a state_dict whatever tensors and objects lie beside it`() throws {
    let checkpoint = try readCheckpoint(
      pickle([
        ("best_acc1", number), ("optimizer", optimizer), ("state_dict", dictionary),
        ("running", vector), ("state_dict_ema", dictionary),
      ]), fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["weight"])
    #expect(
      checkpoint.notes == [
        "used the entry 'state_dict' and ignored 'best_acc1', 'optimizer', 'running', "
          + "'state_dict_ema'"
      ])
  }

  @Test func `takes the only dictionary of tensors under an unknown key`() throws {
    let checkpoint = try readCheckpoint(
      pickle([("mine", dictionary), ("optimizer", optimizer), ("acc", number)]), fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["weight"])
    #expect(checkpoint.notes == ["used the entry 'mine' and ignored 'optimizer', 'acc'"])
    expectRefusal(
      of: pickle([("a", dictionary), ("b", dictionary)]), .unsupported,
      "holds 2 dictionaries of tensors, 'a', 'b', and none under a known key")
  }

  @Test func `takes tensors and passes over containers beside them, and says so`() throws {
    let checkpoint = try readCheckpoint(
      pickle([("conv.adder", vector), ("optimizer", optimizer), ("epoch", { $0.integer(3) })]),
      fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["conv.adder"])
    #expect(
      checkpoint.notes == [
        "ignored 'optimizer', which holds tensors in a container beside those of the network",
        "ignored 1 entries without tensors: 'epoch'",
      ])
  }

  @Test func `unwraps nested wrappers to a bounded depth`() throws {
    func nested(_ depth: Int) -> Data {
      var builder = PickleBuilder()
      for _ in 0..<depth {
        builder.raw("}")
        builder.string("model")
      }
      builder.raw([UInt8](stateDict))
      builder.raw(String(repeating: "s", count: depth) + ".")
      return torchZip(builder.bytes)
    }
    #expect(try readCheckpoint(nested(4), fileName: "file").tensors.count == 1)
    expectRefusal(of: nested(5), .unsupported, "nested container")
  }

  @Test func `a tensor named like a wrapper is a tensor`() throws {
    let pickle = PickleBuilder.entry("net") { $0.tensor(elementCount: 4, shape: [4], strides: [1]) }
    #expect(try readCheckpoint(torchZip(pickle), fileName: "file").tensors.map(\.name) == ["net"])
  }

  @Test func `ignores entries without tensors, whatever they hold, and says so`() throws {
    let pickle = PickleBuilder.dictionary { builder in
      builder.string("epoch")
      builder.integer(3)
      builder.string("callback")
      builder.global("evil", "run")
      builder.raw("(")
      builder.string("rm -rf /")
      builder.raw("tR}b")
    }
    let checkpoint = try readCheckpoint(torchZip(pickle), fileName: "file")
    #expect(checkpoint.tensors.count == 1)
    #expect(checkpoint.notes == ["ignored 2 entries without tensors: 'epoch', 'callback'"])
  }

  @Test func `refuses a tensor that an unknown class would make`() {
    let pickle = PickleBuilder.entry("weight") { builder in
      builder.global("mylib", "Packed")
      builder.raw("(")
      builder.tensor(elementCount: 4, shape: [4], strides: [1])
      builder.raw("tR")
    }
    expectRefusal(of: torchZip(pickle), .unsupported, "class 'mylib.Packed'")
  }

  @Test func `refuses tensors in nested containers`() {
    let pickle = PickleBuilder.entry("layers") { builder in
      builder.raw("]")
      builder.tensor(elementCount: 4, shape: [4], strides: [1])
      builder.raw("a")
    }
    expectRefusal(of: torchZip(pickle), .unsupported, "entry 'layers'")
  }

  @Test func `refuses a module under a wrapper key`() {
    let pickle = PickleBuilder.entry("model") { builder in
      builder.global("models", "ResNet")
      builder.raw(")")
      builder.raw([0x81])
      builder.raw("}b")
    }
    expectRefusal(of: torchZip(pickle), .unsupported, "the entry 'model' holds a whole module")
  }

  @Test func `refuses a file without a dictionary of tensors`() {
    expectRefusal(of: torchZip(Data([0x80, 2] + ").".utf8)), .unsupported, "dictionary of tensors")
    expectRefusal(of: torchZip(Data([0x80, 2] + "}.".utf8)), .unsupported, "empty dictionary")
    let pickle = PickleBuilder.entry("epoch") { $0.integer(3) }
    expectRefusal(of: torchZip(pickle), .unsupported, "only the keys 'epoch'")
  }

  @Test func `refuses duplicate, empty and unprintable names`() {
    func named(_ names: [String]) -> Data {
      var builder = PickleBuilder()
      builder.raw("}(")
      for name in names {
        builder.string(name)
        builder.tensor(elementCount: 4, shape: [4], strides: [1])
      }
      builder.raw("u.")
      return torchZip(builder.bytes)
    }
    expectRefusal(of: named(["a", "b", "a"]), .malformed, "tensor 'a' appears twice")
    expectRefusal(of: named([""]), .malformed, "empty name")
    expectRefusal(of: named(["a\nb"]), .malformed, "'a\\u{a}b'")
  }

  @Test func `refuses a tensor under a key that is not a string`() {
    var builder = PickleBuilder()
    builder.raw("}")
    builder.integer(1)
    builder.tensor(elementCount: 4, shape: [4], strides: [1])
    builder.raw("s.")
    expectRefusal(of: torchZip(builder.bytes), .malformed, "not a string")
  }

  @Test func `reads an OrderedDict that Python 2 wrote as a list of pairs`() throws {
    var builder = PickleBuilder()
    builder.global("collections", "OrderedDict")
    builder.raw("(](")
    builder.raw("](")
    builder.raw([0x55, 1, UInt8(ascii: "w")])  // SHORT_BINSTRING
    builder.tensor(elementCount: 4, shape: [4], strides: [1])
    builder.raw("eetR.")
    let checkpoint = try readCheckpoint(torchZip(builder.bytes), fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["w"])
    #expect(checkpoint.tensors[0].values == [1, 2, 3, 4])
  }
}
