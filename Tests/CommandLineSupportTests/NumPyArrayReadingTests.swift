import AdderTestSupport
import CommandLineSupport
import Testing

@Suite struct NumPyArrayReadingTests {
  private func refusal(_ file: [UInt8]) -> String? {
    message(.malformed) { _ = try NumPyArray(npy: file, named: "x.npy") }
  }

  @Test(
    "reads every element type",
    arguments: [
      ("|u1", NumPyArray.ElementType.uint8, 1), ("<u1", .uint8, 1), ("|i1", .int8, 1),
      ("<u2", .uint16, 2), ("<u4", .uint32, 4), ("<f2", .float16, 2), ("<f8", .float64, 8),
      ("<i2", .int16, 2), ("<i4", .int32, 4), ("<i8", .int64, 8), ("<f4", .float32, 4),
    ])
  func elementTypes(descriptor: String, type: NumPyArray.ElementType, byteCount: Int) throws {
    let elements = (0..<UInt8(6 * byteCount)).map { $0 }
    let file = numPyFile(numPyHeader(descriptor, "(3, 2)"), elements)
    #expect(
      try NumPyArray(npy: file, named: "x") == NumPyArray(type, shape: [3, 2], bytes: elements))
  }

  @Test func `reads version 2`() throws {
    let file = numPyFile(numPyHeader("|u1", "(2,)"), [5, 6], version: (2, 0))
    #expect(try NumPyArray(npy: file, named: "x") == NumPyArray([5, 6] as [UInt8], shape: [2]))
  }

  @Test func `reads scalars and empty arrays`() throws {
    #expect(
      try NumPyArray(npy: numPyFile(numPyHeader("|u1", "()"), [5]), named: "x").shape == [])
    #expect(
      try NumPyArray(npy: numPyFile(numPyHeader("<f4", "(0, 3)"), []), named: "x").shape == [0, 3])
  }

  @Test func `refuses what is no array`() {
    #expect(refusal([]) == "x.npy: is no .npy file; save the array with numpy.save")
    #expect(
      refusal(Array("hello world".utf8)) == "x.npy: is no .npy file; save the array with numpy.save"
    )
    #expect(
      refusal(Array("PK\u{3}\u{4}".utf8))
        == "x.npy: is a zip archive, expected an array; unpack it; pictures in it become .npy with "
        + "tools/images")
  }

  @Test(
    "refuses other versions", arguments: [(3, 0), (1, 1), (0, 0), (255, 255)] as [(UInt8, UInt8)])
  func versions(major: UInt8, minor: UInt8) {
    #expect(
      refusal(numPyFile(numPyHeader("|u1", "(1,)"), [0], version: (major, minor)))
        == "x.npy: byte 6: format version \(major).\(minor), expected 1.0 or 2.0; "
        + "save a plain array with numpy.save")
  }

  @Test func `refuses Fortran order`() {
    #expect(
      refusal(numPyFile(numPyHeader("<f4", "(1, 1)", fortranOrder: true), [0, 0, 0, 0]))
        == "x.npy: is in Fortran order, expected C order; save numpy.ascontiguousarray(array)")
  }

  private static let types =
    "uint8, uint16, uint32, int8, int16, int32, int64, float16, float32 or float64"

  @Test(
    "refuses other element types with a remedy",
    arguments: [
      (
        "<f16",
        "are not supported, expected \(Self.types); "
          + "save array.astype('float32')"
      ),
      (
        "<u8",
        "are not supported, expected \(Self.types); "
          + "save array.astype('int64')"
      ),
      (
        "|b1",
        "are not supported, expected \(Self.types); "
          + "save array.astype('uint8')"
      ),
      (
        "|O",
        "are not supported, expected \(Self.types); "
          + "pickled objects are never loaded"
      ),
      (
        "<U5",
        "are not supported, expected \(Self.types); "
          + "save an array of numbers"
      ),
      (
        "",
        "are not supported, expected \(Self.types); "
          + "save an array of numbers"
      ),
      (">f4", "are big-endian, expected little-endian; save array.astype('<f4')"),
    ])
  func elementTypes(descriptor: String, expected: String) {
    #expect(
      refusal(numPyFile(numPyHeader(descriptor, "(1,)"), [0, 0, 0, 0]))
        == "x.npy: elements '\(descriptor)' \(expected)")
  }

  @Test func `refuses records`() {
    let header = "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }"
    #expect(
      refusal(numPyFile(header, [0, 0, 0, 0]))
        == "x.npy: has records of several fields, "
        + "expected elements of \(Self.types)")
  }

  @Test("refuses missing and surplus bytes", arguments: [0, 11, 13, 24])
  func byteCounts(byteCount: Int) {
    let elements = [UInt8](repeating: 0, count: byteCount)
    #expect(
      refusal(numPyFile(numPyHeader("<i4", "(3,)"), elements))
        == "x.npy: holds \(byteCount) bytes of elements, expected 12 for shape [3] of int32; "
        + "the file is damaged, save it again")
  }

  @Test(
    "refuses shapes past the address space",
    arguments: [
      "(9223372036854775807, 2)", "(4294967296, 4294967296)", "(4611686018427387904, 4, 0)",
      "(2305843009213693952,)",
    ])
  func overflow(shape: String) {
    #expect(
      refusal(numPyFile(numPyHeader("<i4", shape), []))?.hasSuffix("has more elements than memory")
        == true)
  }

  @Test func `refuses more dimensions than NumPy has`() throws {
    let ones = { (count: Int) in "(" + String(repeating: "1, ", count: count) + ")" }
    #expect(
      refusal(numPyFile(numPyHeader("|u1", ones(65)), [0]))
        == "x.npy: has 65 dimensions, expected at most 64")
    let file = numPyFile(numPyHeader("|u1", ones(64)), [0])
    #expect(try NumPyArray(npy: file, named: "x").shape.count == 64)
  }

  @Test func `refuses a header that claims too much`() {
    let header = numPyHeader("|u1", "(1,)")
    #expect(
      refusal(numPyFile(header, [0], version: (2, 0), headerByteCount: 0xFFFF_FFFF))
        == "x.npy: byte 8: a header of 4294967295 bytes, expected at most 65535")
    #expect(
      refusal(numPyFile("", [], headerByteCount: 100))
        == "x.npy: ends at byte 10, the header at byte 110")
  }

  @Test("refuses every truncation", arguments: [(1, 0), (2, 0)] as [(UInt8, UInt8)])
  func truncation(major: UInt8, minor: UInt8) throws {
    let header = numPyHeader("<i2", "(2, 2)")
    let file = numPyFile(header, [1, 2, 3, 4, 5, 6, 7, 8], version: (major, minor))
    #expect(try NumPyArray(npy: file, named: "x").shape == [2, 2])
    for byteCount in file.indices {
      #expect(refusal(Array(file[..<byteCount])) != nil, "\(byteCount) bytes")
    }
  }

  // A mutated file is either refused as malformed or still describes its own bytes.
  @Test func `survives 5,000 mutations`() {
    let header = numPyHeader("<i4", "(3, 2)")
    let file = numPyFile(header, (0..<24).map { $0 })
    let alphabet = Array("0123456789(){}[],:'\"<>|=uifObTF \n\\".utf8) + [0, 0x93, 0xFF]
    var generator = SplitMix64(seed: 20_201)
    var refusedCount = 0
    for _ in 0..<5_000 {
      var mutated = file
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let byteOffset = Int.random(in: 0..<mutated.count, using: &generator)
        let byte = alphabet.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: mutated[byteOffset] = byte
        case 1: mutated[byteOffset] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: mutated.insert(byte, at: byteOffset)
        default: mutated.remove(at: byteOffset)
        }
      }
      do {
        let array = try NumPyArray(npy: mutated, named: "x.npy")
        #expect(array.shape.reduce(array.elementType.byteCount, *) == array.bytes.count)
      } catch {
        refusedCount += 1
        #expect(error.exitCode == .malformed && error.messages.count == 1)
        #expect(error.messages[0].hasPrefix("x.npy: "))
      }
    }
    #expect(refusedCount > 2_500 && refusedCount < 5_000)
  }

  @Test func `reads files and names them`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x.npy"
      try OutputFile.write(numPyFile(numPyHeader("|u1", "(1,)"), [7]), to: path)
      #expect(try NumPyArray.read(path).bytes == [7])
      try OutputFile.write([0], to: path)
      #expect(
        message(.malformed) { _ = try NumPyArray.read(path) }
          == "\(path): is no .npy file; save the array with numpy.save")
    }
  }
}
