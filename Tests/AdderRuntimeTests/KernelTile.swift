import AdderTestSupport

/// The width of an element, by the number of them in a word.
enum ElementWidth: Int {
  case bytes = 4
  case halves = 2

  var elementsPerWord: Int { rawValue }
  var bitCount: Int { 32 / rawValue }
}

/// The elements of a patch or filter, and the words that hold them.
struct KernelElements {
  let values: [Int32]
  /// From the low bits of each word up; what is left of the last one is zero.
  let words: [UInt32]
  let width: ElementWidth

  init(_ values: some Sequence<Int32>, _ width: ElementWidth) {
    self.values = Array(values)
    self.width = width
    let mask = UInt32.max >> UInt32(32 - width.bitCount)
    var words = [UInt32](
      repeating: 0,
      count: (self.values.count + width.elementsPerWord - 1) / width.elementsPerWord)
    for (index, value) in self.values.enumerated() {
      let (word, lane) = index.quotientAndRemainder(dividingBy: width.elementsPerWord)
      words[word] |= (UInt32(bitPattern: value) & mask) << UInt32(lane * width.bitCount)
    }
    self.words = words
  }

  /// The sum of a filter's elements, modulo 2³², as a model file states it.
  var sum: UInt32 { UInt32(bitPattern: values.reduce(0, &+)) }

  /// `Σ|x − f|`, as docs/arithmetic.md defines it.
  func distance(to filter: KernelElements) -> UInt32 {
    var sum: UInt32 = 0
    for index in values.indices { sum &+= (values[index] - filter.values[index]).magnitude }
    return sum
  }
}

/// Two patches and two filters of one size.
struct KernelTile {
  let a: KernelElements
  let b: KernelElements
  let f: KernelElements
  let g: KernelElements
  /// The sums of both filters' elements.
  let filterSums: [UInt32]
  /// The sums of absolute differences of a with f and g, then of b with them.
  let expected: [UInt32]
  let name: String

  init(
    a: KernelElements, b: KernelElements, f: KernelElements, g: KernelElements, _ name: String
  ) {
    (self.a, self.b, self.f, self.g, self.name) = (a, b, f, g, name)
    filterSums = [f.sum, g.sum]
    expected = [a.distance(to: f), a.distance(to: g), b.distance(to: f), b.distance(to: g)]
  }

  var width: ElementWidth { a.width }
  var wordCount: Int { a.words.count }
}
