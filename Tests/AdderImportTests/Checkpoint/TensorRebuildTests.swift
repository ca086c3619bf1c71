import AdderCompiler
import Foundation
import Testing

@Suite struct TensorRebuildTests {
  private func zip(_ value: (inout PickleBuilder) -> Void) -> Data {
    torchZip(PickleBuilder.entry("w", value))
  }

  @Test func `reads a view through the oldest function`() throws {
    let bytes = zip {
      $0.tensor(
        elementCount: 4, offset: 1, shape: [2], strides: [2], function: "_rebuild_tensor")
    }
    #expect(try readCheckpoint(bytes, fileName: "file").tensors[0].values == [2, 4])
  }

  @Test(
    "refuses a view outside its storage",
    arguments: [
      (0, [5], [1]), (1, [4], [1]), (0, [2, 2], [3, 1]), (-1, [1], [1]), (0, [2], [-1]),
      (0, [Int.max, Int.max], [0, 0]), (Int.max, [2], [Int.max]), (0, [2], []),
    ])
  func outside(offset: Int, shape: [Int], strides: [Int]) {
    let bytes = zip {
      $0.tensor(elementCount: 4, offset: offset, shape: shape, strides: strides)
    }
    expectRefusal(of: bytes, .malformed, "tensor 'w': shape [")
  }

  @Test func `refuses a storage whose length the pickle falsifies`() {
    for elementCount in [3, 5, -1, Int.max] {
      let bytes = zip { $0.tensor(elementCount: elementCount, shape: [1], strides: [1]) }
      expectRefusal(of: bytes, .malformed, elementCount < 0 ? "('storage', type" : "'a/data/0'")
    }
    let wider = zip {
      $0.tensor(type: "DoubleStorage", elementCount: 4, shape: [1], strides: [1])
    }
    expectRefusal(of: wider, .malformed, "holds 16 bytes, expected 4 elements of 8 bytes")
  }

  @Test func `refuses a storage that is not there`() {
    let bytes = zip { $0.tensor(key: "7", elementCount: 4, shape: [1], strides: [1]) }
    expectRefusal(of: bytes, .malformed, "'a/data/7' is not in the archive")
  }

  @Test func `bounds the elements that a stride of 0 makes`() throws {
    func expanded(_ count: Int) -> Data {
      zip { $0.tensor(elementCount: 4, shape: [count], strides: [0]) }
    }
    let largest = try readCheckpoint(expanded(1 << 20), fileName: "file")
    #expect(largest.tensors[0].values.count == 1 << 20)
    expectRefusal(of: expanded(1 << 20 + 1), .unsupported, "more than 1048576 elements")
    expectRefusal(of: expanded(Int.max), .unsupported, "more than 1048576 elements")
  }

  @Test func `bounds the elements of all tensors together`() {
    var builder = PickleBuilder()
    builder.raw("}(")
    for index in 0..<3 {
      builder.string("w\(index)")
      builder.tensor(elementCount: 4, shape: [1 << 19], strides: [0])
    }
    builder.raw("u.")
    expectRefusal(of: torchZip(builder.bytes), .unsupported, "tensor 'w2': with it")
  }

  @Test func `unwraps parameters to a bounded depth`() throws {
    func wrapped(_ depth: Int) -> Data {
      zip { builder in
        for _ in 0..<depth {
          builder.global("torch._utils", "_rebuild_parameter")
          builder.raw("(")
        }
        builder.tensor(elementCount: 4, shape: [4], strides: [1])
        for _ in 0..<depth {
          builder.raw([0x88])
          builder.raw("}tR")
        }
      }
    }
    #expect(try readCheckpoint(wrapped(7), fileName: "file").tensors[0].values == [1, 2, 3, 4])
    expectRefusal(of: wrapped(8), .malformed, "tensor 'w': wrapped more than 8 times")
  }

  @Test func `refuses arguments of the wrong kind`() {
    expectRefusal(
      of: zip {
        $0.global("torch._utils", "_rebuild_tensor_v2")
        $0.raw(")R")
      }, .malformed, "tensor 'w': expected a storage, an offset")
    expectRefusal(
      of: zip {
        $0.global("torch._utils", "_rebuild_parameter")
        $0.raw("NR")
      }, .malformed, "tensor 'w': made from something that is not a tuple")
    expectRefusal(
      of: zip {
        $0.global("torch._utils", "_rebuild_parameter")
        $0.raw("(NtR")
      }, .malformed, "a parameter made from something that is not a tensor")
  }

  @Test(
    "refuses tensors of other kinds with advice",
    arguments: [
      ("_rebuild_tensor_v3", "convert it with .float()"), ("_rebuild_nested_tensor", "nested"),
      ("_rebuild_from_type_v2", "save plain tensors"),
    ])
  func otherFunctions(function: String, text: String) {
    let bytes = zip {
      $0.tensor(elementCount: 4, shape: [4], strides: [1], function: function)
    }
    expectRefusal(of: bytes, .unsupported, text)
  }

  @Test func `refuses a persistent identifier that names no storage`() {
    expectRefusal(of: zip { $0.raw("NQ") }, .malformed, "a persistent identifier")
  }
}
