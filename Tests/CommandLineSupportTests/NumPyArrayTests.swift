import CommandLineSupport
import Testing

@Suite struct NumPyArrayTests {
  @Test func `keeps elements as little-endian bytes`() {
    #expect(
      NumPyArray([1, -2] as [Int32], shape: [2]).bytes == [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF])
    #expect(NumPyArray([1.5] as [Float], shape: [1]).bytes == [0, 0, 0xC0, 0x3F])
    #expect(NumPyArray([3, 4] as [UInt8], shape: [1, 2]).bytes == [3, 4])
    #expect(NumPyArray(.int64, shape: [], bytes: [UInt8](repeating: 0, count: 8)).shape == [])
  }

  @Test(
    "every integer type converts to labels",
    arguments: [
      (NumPyArray.ElementType.uint8, [0xFE, 0x01], [254, 1]),
      (.int8, [0xFE, 0x01], [-2, 1]),
      (.int16, [0xFE, 0xFF, 0x00, 0x01], [-2, 256]),
      (.int32, [0xFE, 0xFF, 0xFF, 0xFF], [-2]),
      (.int64, [0, 0, 0, 0, 0, 0, 0, 0x80], [.min]),
    ] as [(NumPyArray.ElementType, [UInt8], [Int64])])
  func integers(type: NumPyArray.ElementType, bytes: [UInt8], expected: [Int64]) throws {
    let array = NumPyArray(type, shape: [expected.count], bytes: bytes)
    #expect(try array.integerValues(of: "x") == expected)
  }

  @Test func `reads back what it was made from`() throws {
    #expect(try NumPyArray([.min, 7] as [Int32], shape: [2]).int32Values(of: "x") == [.min, 7])
    #expect(try NumPyArray([9] as [UInt8], shape: []).uint8Values(of: "x") == [9])
  }

  @Test func `another element type is refused with a remedy`() {
    let floats = NumPyArray([1] as [Float], shape: [1])
    #expect(
      message(.malformed) { _ = try floats.uint8Values(of: "images.npy") }
        == "images.npy: elements are float32, expected uint8; save array.astype('uint8')")
    #expect(
      message(.malformed) { _ = try floats.integerValues(of: "l.npy") }
        == "l.npy: elements are float32, expected integers; save array.astype('int64')")
    #expect(
      message(.malformed) { _ = try floats.int32Values(of: "l.npy") }
        == "l.npy: elements are float32, expected int32; save array.astype('int32')")
  }

  @Test func `bytes that do not fit the shape are a defect of the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = NumPyArray(.int32, shape: [2], bytes: [1, 2, 3, 4])
    }
    await #expect(processExitsWith: .failure) {
      _ = NumPyArray(.uint8, shape: [-1, -1], bytes: [1])
    }
  }
}
