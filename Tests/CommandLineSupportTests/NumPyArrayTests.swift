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
        == "images.npy: elements are float32, expected uint8 pixels of 0...255; its values are 1 to 1: "
        + "save (array * 255).round().astype('uint8')")
    #expect(
      message(.malformed) { _ = try floats.integerValues(of: "l.npy") }
        == "l.npy: elements are float32, expected integers; save array.astype('int64')")
    #expect(
      message(.malformed) { _ = try floats.int32Values(of: "l.npy") }
        == "l.npy: elements are float32, expected int32; save array.astype('int32')")
  }

  @Test(
    "pixels of other types are refused with what their values call for",
    arguments: [
      (.uint16, [0, 0, 255, 255], "0 to 65535: save (array // 257).astype('uint8'), if"),
      (.uint16, [0, 0, 255, 0], "0 to 255: save array.astype('uint8')"),
      (.uint16, [0, 0, 0, 1], "0 to 256: bring them to 0...255"),
      (.int16, [1, 0, 255, 255], "-1 to 1: bring them to 0...255"),
      // Halves: 0.5 and 1, then -2 and 3.
      (.float16, [0, 0x38, 0, 0x3C], "0.5 to 1: save (array * 255).round()"),
      (.float16, [0, 0xC0, 0, 0x42], "-2 to 3, so they are normalized"),
      (.float16, [0, 0x7C, 0, 0], "it holds values that are infinite or no number"),
    ] as [(NumPyArray.ElementType, [UInt8], String)])
  func remedies(type: NumPyArray.ElementType, bytes: [UInt8], remedy: String) throws {
    let array = NumPyArray(type, shape: [2], bytes: bytes)
    let text = message(.malformed) { _ = try array.uint8Values(of: "x") }
    let start = remedy.first == "i" ? "" : "its values are "
    #expect(
      text?.hasPrefix(
        "x: elements are \(type.name), expected uint8 pixels of 0...255; \(start)\(remedy)")
        == true,
      "\(text ?? "")")
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
