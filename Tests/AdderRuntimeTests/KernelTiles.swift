import AdderTestSupport

/// The patches and filters that kernels are compared on, of one number of words.
struct KernelTiles {
  let width: ElementWidth
  let elements: ClosedRange<Int32>
  private let count: Int
  private var random: SplitMix64

  init(wordCount: Int, _ elements: ClosedRange<Int32>, _ width: ElementWidth) {
    self.width = width
    self.elements = elements
    count = wordCount * width.elementsPerWord
    random = SplitMix64(seed: UInt64(wordCount))
  }

  /// Each pattern against each, and random elements that fill the last word to different parts.
  mutating func patterned() -> [KernelTile] {
    let patterns = patterns()
    var tiles: [KernelTile] = []
    for (index, (name, x)) in patterns.enumerated() {
      for (otherName, y) in patterns[index...] {
        // Has x − y and y − x for either patch and filter.
        tiles.append(KernelTile(a: x, b: y, f: y, g: x, "\(name) and \(otherName)"))
      }
    }
    for unused in 0..<width.elementsPerWord {
      let count = count - unused
      let (a, b, f) = (randomElements(count), randomElements(count), randomElements(count))
      let none = KernelElements(repeatElement(0, count: count), width)
      tiles.append(KernelTile(a: a, b: b, f: f, g: randomElements(count), "\(count) elements"))
      tiles.append(KernelTile(a: a, b: b, f: f, g: none, "\(count) elements, a lone filter"))
    }
    return tiles
  }

  /// Random elements whose first patch begins with the end of another.
  mutating func moved() -> [(tile: KernelTile, shift: Int, before: KernelElements)] {
    [0, 1, 2, 3, 4, count / 3, count].filter { $0 <= count }.map { shift in
      let before = randomElements(count)
      let after = KernelElements(
        before.values[shift...] + randomElements(shift).values, width)
      let tile = KernelTile(
        a: after, b: randomElements(count), f: randomElements(count), g: randomElements(count),
        "moved by \(shift)")
      return (tile, shift, before)
    }
  }

  /// Elements that fill lanes, empty them, and differ from their neighbours the most.
  private mutating func patterns() -> [(name: String, elements: KernelElements)] {
    let (low, high) = (elements.lowerBound, elements.upperBound)
    let (count, width) = (count, width)
    func pattern(_ isHigh: (Int) -> Bool) -> KernelElements {
      KernelElements((0..<count).map { isHigh($0) ? high : low }, width)
    }
    var patterns = [
      ("zeros", KernelElements(repeatElement(0, count: count), width)),
      ("the smallest", pattern { _ in false }),
      ("the largest", pattern { _ in true }),
      ("even elements", pattern { $0 % 2 == 0 }),
      ("odd elements", pattern { $0 % 2 == 1 }),
      ("random elements", randomElements(count)),
    ]
    for lane in 0..<width.elementsPerWord {
      patterns.append(("lane \(lane)", pattern { $0 % width.elementsPerWord == lane }))
      patterns.append(("all but lane \(lane)", pattern { $0 % width.elementsPerWord != lane }))
    }
    return patterns
  }

  /// Elements of which every fourth is an extreme.
  private mutating func randomElements(_ count: Int) -> KernelElements {
    let span = UInt64(elements.upperBound - elements.lowerBound + 1)
    let values = (0..<count).map { _ in
      let bits = random.next()
      switch bits >> 61 {
      case 0: return elements.lowerBound
      case 1: return elements.upperBound
      default: return elements.lowerBound + Int32((bits & 0xFFFF_FFFF) % span)
      }
    }
    return KernelElements(values, width)
  }
}
