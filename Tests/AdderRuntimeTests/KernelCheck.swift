import AdderRuntime
import AdderTestSupport
import Testing

/// Compares one kernel with sums of absolute differences that it had no part in.
struct KernelCheck<Kernel: TileKernel> {
  private let largest: UInt32
  private let smallest: UInt32

  /// - Parameter elements: The range that the kernel takes.
  init(_ kernel: Kernel.Type, _ elements: ClosedRange<Int32>, _ width: ElementWidth) {
    let repeated = { (element: Int32) in
      KernelElements(repeatElement(element, count: width.elementsPerWord), width).words[0]
    }
    largest = repeated(elements.upperBound)
    smallest = repeated(elements.lowerBound)
  }

  /// Checks `prepare`, both kinds of `sums` and `total`, up to the first tile that is wrong.
  func check(_ tiles: [KernelTile]) {
    _ = tiles.allSatisfy { check($0, patch($0.a), patch($0.b)) }
  }

  /// Checks patches that begin with a part of the patch before them, which `prepare` has seen: so
  /// a layer gathers neighbouring positions.
  ///
  /// - Parameters:
  ///   - shift: How many elements the first patch has moved by.
  ///   - before: What it was, with `shift` elements in front of the tile's.
  func check(_ tile: KernelTile, movedBy shift: Int, from before: KernelElements) {
    let a = patch(before)
    _ = Kernel.prepare(a.start, wordCount: tile.wordCount)
    let bytes = UnsafeMutableRawBufferPointer(a.words)
    let byteShift = shift * tile.width.bitCount / 8
    for place in 0..<(bytes.count - byteShift) { bytes[place] = bytes[place + byteShift] }
    tile.a.words.withUnsafeBytes { new in
      for place in (bytes.count - byteShift)..<bytes.count { bytes[place] = new[place] }
    }
    _ = check(tile, a, patch(tile.b))
  }

  /// Returns whether everything was right.
  private func check(_ tile: KernelTile, _ a: GuardedWords, _ b: GuardedWords) -> Bool {
    let wordCount = tile.wordCount
    let filters = zip(tile.f.words, tile.g.words).flatMap { [$0, $1] }
    let pair = GuardedWords(filters, guardWord: smallest)
    let patchA = Kernel.prepare(a.start, wordCount: wordCount)
    let patchB = Kernel.prepare(b.start, wordCount: wordCount)
    let place = "\(Kernel.self), \(wordCount) words, \(tile.name)"
    // Twice: a layer compares one patch with every pair of its filters.
    for _ in 0..<2 {
      let both = Kernel.sums(a.start, b.start, pair: pair.start, wordCount: wordCount)
      let totals = [
        total(both.af, tile.filterSums[0], patchA), total(both.ag, tile.filterSums[1], patchA),
        total(both.bf, tile.filterSums[0], patchB), total(both.bg, tile.filterSums[1], patchB),
      ]
      guard totals == tile.expected else {
        Issue.record("two patches, \(place): \(totals), expected \(tile.expected)")
        return false
      }
      let one = Kernel.sums(b.start, pair: pair.start, wordCount: wordCount)
      let totalsOfOne = [
        total(one.af, tile.filterSums[0], patchB), total(one.ag, tile.filterSums[1], patchB),
      ]
      guard totalsOfOne == Array(tile.expected[2...]) else {
        Issue.record("one patch, \(place): \(totalsOfOne), expected \(tile.expected[2...])")
        return false
      }
    }
    let isConfined = a.areGuardsIntact && b.areGuardsIntact && pair.areGuardsIntact
    #expect(isConfined, "wrote outside, \(place)")
    let hasKeptFilters = pair.words.elementsEqual(filters)
    #expect(hasKeptFilters, "filters changed, \(place)")
    return isConfined && hasKeptFilters
  }

  private func patch(_ elements: KernelElements) -> GuardedWords {
    GuardedWords(elements.words, guardWord: largest)
  }

  private func total(_ sum: UInt32, _ filterSum: UInt32, _ patch: UInt32) -> UInt32 {
    Kernel.total(sum, filterSum: filterSum, patch: patch)
  }
}
