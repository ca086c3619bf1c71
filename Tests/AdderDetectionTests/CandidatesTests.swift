import ADBFormat
import AdderDetection
import AdderTestSupport
import Testing

@Suite struct CandidatesTests {
  /// Boxes in the order they are found, of `distinct` scores.
  private func boxes(_ count: Int, distinct: Int32, seed: UInt64) -> [Box] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      var box = Box()
      box.score = -Int32.random(in: 0..<distinct, using: &random)
      box.place = UInt32(index)
      box.label = UInt16(truncatingIfNeeded: random.next())
      box.left = UInt16(truncatingIfNeeded: index)
      return box
    }
  }

  @Test(
    "keeps the best in falling order, of equal scores the first found",
    arguments: [1, 2, 3, 7, 8, 100, 511, 512, 513, 4096])
  func keepsTheBest(capacity: Int) {
    for (round, distinct) in ([1, 2, 5, 1_000_000] as [Int32]).enumerated() {
      for count in [0, 1, capacity - 1, capacity, capacity + 1, 3 * capacity] {
        let found = boxes(count, distinct: distinct, seed: UInt64(round * 10_000 + count))
        let memory = AlignedMemory(byteCount: 20 * capacity)
        guard let start = memory.bytes.baseAddress else { return }
        var candidates = Candidates(BoxList(start), capacity: capacity)
        for box in found { candidates.insert(box) }
        candidates.sort()
        let expected = found.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.prefix(capacity)
        #expect(candidates.count == expected.count)
        #expect((0..<candidates.count).map { candidates.boxes[$0] } == Array(expected))
        #expect(memory.areGuardsIntact)
      }
    }
  }

  @Test("takes rising, falling and equal scores", arguments: [-1, 0, 1])
  func monotone(direction: Int32) {
    let memory = AlignedMemory(byteCount: 20 * 10)
    guard let start = memory.bytes.baseAddress else { return }
    var candidates = Candidates(BoxList(start), capacity: 10)
    for index in 0..<1000 {
      var box = Box()
      box.score = direction * Int32(index) - 1000
      box.place = UInt32(index)
      candidates.insert(box)
    }
    candidates.sort()
    let places = (0..<10).map { Int(candidates.boxes[$0].place) }
    #expect(places == (direction > 0 ? Array((990..<1000).reversed()) : Array(0..<10)))
  }
}
