/// Decisions taken from a fuzzer's bytes, and behind their end from a fixed sequence.
struct ByteSource {
  private var bytes: ArraySlice<UInt8>
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
  }

  var isEmpty: Bool { bytes.isEmpty }

  mutating func byte() -> UInt8 {
    if let byte = bytes.popFirst() { return byte }
    // Xorshift (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 2003).
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 24)
  }

  mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(byte()) % range.count
  }

  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[Int(byte()) % elements.count]
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

  /// Finite numbers of one kind, which the first byte chooses: ordinary ones, zeros, tiny, huge or
  /// arbitrary ones.
  mutating func numbers(_ count: Int) -> [Float] {
    let kind = byte()
    return (0..<count).map { _ in number(kind) }
  }

  private mutating func number(_ kind: UInt8) -> Float {
    let number = Float(byte()) - 128
    switch kind % 16 {
    case 0: return 0
    case 1: return number * 1e-30
    case 2: return number * .leastNonzeroMagnitude
    case 3: return number * 1e30
    case 4: return abs(number) / 64
    case 5:
      let bits = bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
      let any = Float(bitPattern: bits)
      return any.isFinite ? any : 1
    default: return number / 64
    }
  }
}
