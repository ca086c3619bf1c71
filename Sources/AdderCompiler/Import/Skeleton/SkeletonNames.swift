/// Names of nodes that a graph file takes, each once.
struct SkeletonNames {
  /// How often each was asked for.
  private var counts: [String: Int]

  init(taken: String) { counts = [taken: 1] }

  /// The name, or one made of it.
  mutating func unique(_ name: String) -> String {
    let name = Self.sanitized(name)
    var result = name
    while let count = counts[result] {
      counts[name] = max(count, counts[name] ?? 0) + 1
      result = "\(name)_\(counts[name] ?? 0)"
    }
    counts[result] = 1
    return result
  }

  /// The name with `_` in the place of all that names do not take, at most 230 bytes of it.
  static func sanitized(_ name: String) -> String {
    let bytes = name.utf8.prefix(230).map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }
}
