import CommandLineSupport
import Testing

// The expected headers are those of numpy.save, NumPy 2.4.6.
@Suite struct NumPyArrayWritingTests {
  private func header(_ text: String, paddedTo byteCount: Int) -> [UInt8] {
    Array((text + String(repeating: " ", count: byteCount - 11 - text.utf8.count) + "\n").utf8)
  }

  @Test(
    "writes the bytes that NumPy writes",
    arguments: [
      (NumPyArray([2, 2] as [UInt8], shape: [2, 1]), "'|u1'", "(2, 1)", [2, 2]),
      (
        NumPyArray([1.5, 1.5] as [Float], shape: [2, 1]), "'<f4'", "(2, 1)",
        [0, 0, 0xC0, 0x3F, 0, 0, 0xC0, 0x3F]
      ),
      (NumPyArray([7] as [Int32], shape: []), "'<i4'", "()", [7, 0, 0, 0]),
      (
        NumPyArray([1, -2, 3] as [Int32], shape: [3]), "'<i4'", "(3,)",
        [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0]
      ),
      (
        NumPyArray([] as [UInt8], shape: [123_456_789_012_345, 0]), "'|u1'", "(123456789012345, 0)",
        []
      ),
    ] as [(NumPyArray, String, String, [UInt8])])
  func bytes(array: NumPyArray, descriptor: String, shape: String, elements: [UInt8]) {
    let text = "{'descr': \(descriptor), 'fortran_order': False, 'shape': \(shape), }"
    let start: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]
    #expect(array.npy() == start + header(text, paddedTo: 128) + elements)
  }

  // NumPy reserves 21 digits for the outermost extent, and pads by a whole 64 where the header
  // already ends at a multiple of it (36 ones).
  @Test("pads long headers like NumPy", arguments: [(17, 192), (18, 192), (19, 192), (36, 256)])
  func padding(rank: Int, elementStart: Int) throws {
    let shape = [Int](repeating: 1, count: rank)
    let file = NumPyArray([5] as [Int32], shape: shape).npy()
    #expect(file.count == elementStart + 4)
    #expect(Int(file[8]) + 256 * Int(file[9]) == elementStart - 10)
    #expect(file[elementStart - 1] == 0x0A)
  }

  @Test("writes what it reads", arguments: NumPyArray.ElementType.allCases)
  func roundTrip(type: NumPyArray.ElementType) throws {
    let bytes = (0..<UInt8(6 * type.byteCount)).map { $0 }
    let array = NumPyArray(type, shape: [1, 3, 2], bytes: bytes)
    #expect(try NumPyArray(npy: array.npy(), named: "x") == array)
  }
}
