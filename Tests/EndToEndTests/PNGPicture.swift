import Testing

/// What a PNG file of stored blocks shows, with every length and checksum looked at.
struct PNGPicture {
  let width: Int
  let height: Int
  /// Red, green and blue, row by row.
  let pixels: [[UInt8]]

  init(_ file: [UInt8]) throws {
    #expect(file.prefix(8).elementsEqual([137, 80, 78, 71, 13, 10, 26, 10]))
    var place = 8
    func number(at place: Int, _ count: Int = 4) -> Int {
      file[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
    }
    var chunks: [(type: String, data: ArraySlice<UInt8>)] = []
    while place < file.count {
      let count = number(at: place)
      let checked = file[place + 4..<place + 8 + count]
      #expect(UInt32(number(at: place + 8 + count)) == Self.checksum(checked))
      chunks.append((String(decoding: checked.prefix(4), as: UTF8.self), checked.dropFirst(4)))
      place += 12 + count
    }
    #expect(place == file.count)
    #expect(chunks.first?.type == "IHDR" && chunks.last?.type == "IEND")
    let header = try #require(chunks.first).data
    let start = header.startIndex
    (width, height) = (number(at: start), number(at: start + 4))
    #expect(header.dropFirst(8).elementsEqual([8, 2, 0, 0, 0]))
    let rows = try Self.inflated(
      Array(chunks.filter { $0.type == "IDAT" }.flatMap(\.data)))
    let rowCount = 3 * width + 1
    try #require(rows.count == height * rowCount)
    var pixels: [[UInt8]] = []
    for row in 0..<height {
      #expect(rows[row * rowCount] == 0)
      for column in 0..<width {
        let first = row * rowCount + 1 + 3 * column
        pixels.append(Array(rows[first..<first + 3]))
      }
    }
    self.pixels = pixels
  }

  subscript(column: Int, row: Int) -> [UInt8] { pixels[row * width + column] }

  /// CRC-32, bit by bit.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var state: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
    }
    return ~state
  }

  /// The bytes of a zlib stream of stored blocks.
  private static func inflated(_ stream: [UInt8]) throws -> [UInt8] {
    try #require((Int(stream[0]) << 8 | Int(stream[1])) % 31 == 0 && stream[0] == 0x78)
    var bytes: [UInt8] = []
    var place = 2
    var isLast = false
    while !isLast {
      isLast = stream[place] == 1
      try #require(stream[place] <= 1)
      let count = Int(stream[place + 1]) | Int(stream[place + 2]) << 8
      let complement = Int(stream[place + 3]) | Int(stream[place + 4]) << 8
      try #require(count ^ complement == 0xFFFF)
      bytes += stream[place + 5..<place + 5 + count]
      place += 5 + count
    }
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    #expect(stream[place...].reduce(0) { $0 << 8 | Int($1) } == b << 16 | a)
    return bytes
  }
}
