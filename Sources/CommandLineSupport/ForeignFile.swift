/// A file of a known format that is no array, told by its first bytes.
package struct ForeignFile: Equatable, Sendable {
  /// What it is, with its article.
  package let what: String
  /// How an array comes of it, for the end of a message.
  package let remedy: String

  /// The end of a message that names the file first.
  package var text: String { "is \(what), expected an array; \(remedy)" }

  /// Nil for bytes that may be anything, such as raw pixels: only signatures that pixels hardly ever
  /// have are looked for.
  package init?(_ bytes: [UInt8]) {
    let pictures = "convert pictures to .npy with tools/images"
    if let found = Self.signatures.first(where: { bytes.starts(with: $0.signature) }) {
      self.init(found.what, found.remedy ?? pictures)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]), bytes.count > 3, bytes[3] >= 0xC0 {
      self.init("a JPEG picture", pictures)
    } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      self.init("a WebP picture", pictures)
    } else if bytes.starts(with: "PK".utf8), bytes.count > 3, [3, 5].contains(bytes[2]) {
      self.init(archive: bytes)
    } else if Self.isPickle(bytes) {
      self.init(
        "a pickle", "load it with its own program and save the array in it with numpy.save")
    } else if let count = Self.elementCountOfIDX(bytes), bytes.count - count > 0 {
      self.init(
        "an IDX file, as MNIST's",
        "numpy.save('FILE.npy', numpy.fromfile('FILE', 'uint8')[\(bytes.count - count):]"
          + ".reshape(\(Self.extentsOfIDX(bytes).map(String.init).joined(separator: ", "))))")
    } else {
      return nil
    }
  }

  private init(_ what: String, _ remedy: String) {
    self.what = what
    self.remedy = remedy
  }

  private static let signatures: [(signature: [UInt8], what: String, remedy: String?)] = [
    ([0x89] + Array("PNG\r\n".utf8) + [0x1A], "a PNG picture", nil),
    (Array("GIF87a".utf8), "a GIF picture", nil), (Array("GIF89a".utf8), "a GIF picture", nil),
    (Array("II*".utf8) + [0], "a TIFF picture", nil),
    ([0x4D, 0x4D, 0, 0x2A], "a TIFF picture", nil),
    ([0x1F, 0x8B, 8], "compressed with gzip", "unpack it with gunzip"),
    (Array("ADB".utf8) + [0x1A], "a compiled model", "give the images in this place"),
    (
      [0x89] + Array("HDF\r\n".utf8), "an HDF5 file",
      "read the array with h5py and save it with numpy.save"
    ),
    (
      [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9], "a PyTorch file",
      "numpy.save('FILE.npy', torch.load('FILE').numpy()) saves the tensor in it"
    ),
  ]

  /// Tells archives by the name of their first member.
  private init(archive bytes: [UInt8]) {
    let nameByteCount = bytes.count > 30 ? Int(bytes[26]) | Int(bytes[27]) << 8 : 0
    let name = String(decoding: bytes.dropFirst(30).prefix(nameByteCount), as: UTF8.self)
    if name.hasSuffix(".npy") {
      self.init(
        "an .npz archive",
        "numpy.save('FILE.npy', numpy.load('FILE.npz')['\(name.dropLast(4))']) saves the array in it"
      )
    } else if name.hasSuffix("/data.pkl") || name.hasSuffix("/.format_version") {
      self.init(
        "a PyTorch file",
        "numpy.save('FILE.npy', torch.load('FILE.pt').numpy()) saves the tensor in it")
    } else {
      self.init("a zip archive", "unpack it; \(Self.afterUnpacking)")
    }
  }

  private static let afterUnpacking = "pictures in it become .npy with tools/images"

  /// Whether bytes are a pickle of protocol 2 to 5 from its first to its last byte.
  private static func isPickle(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 3, bytes[0] == 0x80, (2...5).contains(bytes[1]), bytes.last == 0x2E else {
      return false
    }
    return Array("}](c".utf8).contains(bytes[2]) || bytes[2] == 0x95
  }

  /// The bytes of elements that the header of an IDX file of bytes tells, if they are all that
  /// follows it.
  private static func elementCountOfIDX(_ bytes: [UInt8]) -> Int? {
    let extents = extentsOfIDX(bytes)
    var count = 1
    for extent in extents {
      guard extent > 0, extent <= bytes.count else { return nil }
      count *= extent
      guard count <= bytes.count else { return nil }
    }
    return !extents.isEmpty && 4 + 4 * extents.count + count == bytes.count ? count : nil
  }

  private static func extentsOfIDX(_ bytes: [UInt8]) -> [Int] {
    guard bytes.starts(with: [0, 0, 8]), bytes.count > 4, (1...4).contains(bytes[3]),
      bytes.count > 4 + 4 * Int(bytes[3])
    else { return [] }
    return (0..<Int(bytes[3])).map { axis in
      bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
