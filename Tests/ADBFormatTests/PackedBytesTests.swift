import CAdderCore
import Testing

/// Arithmetic on the four bytes of a word.
@Suite struct PackedBytesTests {
  @Test func `adds and compares every pair of bytes in every place`() {
    for a: UInt32 in 0...255 {
      for b: UInt32 in 0...255 {
        // Neighbours that would borrow or carry.
        let x = a | (255 - b) << 8 | b << 16 | a << 24
        let y = b | a << 8 | (255 - a) << 16 | b << 24
        let larger =
          max(a, b) | max(255 - b, a) << 8 | max(b, 255 - a) << 16 | max(a, b) << 24
        guard adder_larger_bytes(x, y) == larger else {
          Issue.record("the larger bytes of \(x) and \(y)")
          return
        }
        guard adder_add_bytes(x, y) == y &+ (a + (255 - b) + b + a) else {
          Issue.record("the bytes of \(x), and \(y)")
          return
        }
      }
    }
  }
}
