import ADBFormat
import AdderDetection
import AdderTestSupport
import Testing

@Suite struct SuppressionTests {
  /// The boxes that are kept, by a plain computation in 64 bits.
  private func kept(_ boxes: [Box], limit: Int, overlap: Int) -> [Box] {
    func area(_ left: UInt16, _ top: UInt16, _ right: UInt16, _ bottom: UInt16) -> Int {
      max(Int(right) - Int(left), 0) * max(Int(bottom) - Int(top), 0)
    }
    var kept: [Box] = []
    for box in boxes where kept.count < limit {
      let isShared = kept.contains { other in
        guard other.label == box.label else { return false }
        let (left, right) = (max(other.left, box.left), min(other.right, box.right))
        let (top, bottom) = (max(other.top, box.top), min(other.bottom, box.bottom))
        guard left < right, top < bottom else { return false }
        let both = area(left, top, right, bottom)
        let union =
          area(other.left, other.top, other.right, other.bottom)
          + area(box.left, box.top, box.right, box.bottom) - both
        return 256 * both > overlap * union
      }
      if !isShared { kept.append(box) }
    }
    return kept
  }

  private func expectAgreement(_ boxes: [Box], limit: Int, overlap: Int) -> Int {
    let memory = AlignedMemory(byteCount: 20 * max(boxes.count, 1))
    guard let start = memory.bytes.baseAddress else { return 0 }
    let list = BoxList(start)
    for (index, box) in boxes.enumerated() { list[index] = box }
    let count = Suppression.keep(
      list, count: boxes.count, limit: limit, overlap: UInt32(overlap))
    let expected = kept(boxes, limit: limit, overlap: overlap)
    #expect((0..<count).map { list[$0] } == expected)
    #expect(memory.areGuardsIntact)
    return count
  }

  private func box(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int, label: Int = 0) -> Box {
    var box = Box()
    (box.left, box.top) = (UInt16(left), UInt16(top))
    (box.right, box.bottom) = (UInt16(right), UInt16(bottom))
    box.label = UInt16(label)
    return box
  }

  @Test("agrees with a plain computation", arguments: [0, 1, 64, 127, 128, 129, 200, 254, 255])
  func agrees(overlap: Int) {
    var random = SplitMix64(seed: UInt64(overlap))
    var counts: Set<Int> = []
    for largest in [4, 20, 300, 65_535] {
      for classCount in [1, 3] {
        let boxes = (0..<300).map { _ in
          let x = [0, 0].map { _ in Int.random(in: 0...largest, using: &random) }.sorted()
          let y = [0, 0].map { _ in Int.random(in: 0...largest, using: &random) }.sorted()
          return box(
            x[0], y[0], x[1], y[1], label: Int.random(in: 0..<classCount, using: &random))
        }
        for limit in [1, 17, 300] {
          counts.insert(expectAgreement(boxes, limit: limit, overlap: overlap))
        }
      }
    }
    #expect(counts.count > 3)
  }

  @Test("is exact where the part is just the one allowed", arguments: [1, 2, 3, 63, 64, 127, 128])
  func exact(n: Int) {
    // Of 256 rows the intersection has n, and one more or less.
    for shift in [-1, 0, 1] {
      let rows = n + shift
      let inner = box(0, 0, 255, max(rows, 0))
      let boxes = [box(0, 0, 255, 256), inner]
      #expect(expectAgreement(boxes, limit: 2, overlap: n) == (rows > n ? 1 : 2))
    }
  }

  @Test func `boxes as large as they can be are compared exactly`() {
    let whole = box(0, 0, 65_535, 65_535)
    #expect(expectAgreement([whole, whole], limit: 2, overlap: 255) == 1)
    let less = box(0, 0, 65_534, 65_535)
    #expect(expectAgreement([whole, less], limit: 2, overlap: 255) == 1)
    #expect(expectAgreement([whole, box(0, 0, 65_535, 65_279)], limit: 2, overlap: 255) == 2)
    #expect(expectAgreement([whole, box(0, 0, 65_535, 65_280)], limit: 2, overlap: 255) == 1)
  }

  @Test func `boxes of other classes, without an area, or side by side are kept`() {
    let first = box(10, 10, 20, 20)
    let others = [
      box(10, 10, 20, 20, label: 1), box(20, 10, 30, 20), box(10, 20, 20, 30), box(15, 15, 15, 18),
      box(15, 15, 15, 18),
    ]
    #expect(expectAgreement([first] + others, limit: 9, overlap: 0) == 6)
  }

  @Test func `a box that is not kept suppresses none`() {
    let boxes = [box(0, 0, 100, 10), box(40, 0, 140, 10), box(80, 0, 180, 10)]
    #expect(expectAgreement(boxes, limit: 3, overlap: 100) == 2)
  }
}
