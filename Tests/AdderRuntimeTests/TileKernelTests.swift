import AdderRuntime
import AdderTestSupport
import Testing

@Suite struct TileKernelTests {
  /// Around the numbers of words after which kernels empty their lanes, and the most words that a
  /// patch of bytes has.
  static let wordCounts = [
    1, 2, 3, 4, 5, 7, 8, 9, 36, 127, 128, 129, 255, 256, 257, 509, 510, 511, 512, 513, 514, 1020,
    1021, 1022, 1025, 16384,
  ]

  @Test("bytes equal the sums of absolute differences", arguments: wordCounts)
  func bytes(wordCount: Int) {
    var tiles = KernelTiles(wordCount: wordCount, 0...255, .bytes)
    let (patterned, moved) = (tiles.patterned(), tiles.moved())
    check(ReferenceBytes.self, tiles, patterned, moved)
    check(DSPBytes.self, tiles, patterned, moved)
    check(SWARBytes.self, tiles, patterned, moved)
    check(ThumbBytes.self, tiles, patterned, moved)
  }

  @Test("bytes of seven bits equal the sums of absolute differences", arguments: wordCounts)
  func sevenBits(wordCount: Int) {
    var tiles = KernelTiles(wordCount: wordCount, 0...127, .bytes)
    let (patterned, moved) = (tiles.patterned(), tiles.moved())
    check(ReferenceBytes.self, tiles, patterned, moved)
    check(SWARSevenBits.self, tiles, patterned, moved)
    check(ThumbSevenBits.self, tiles, patterned, moved)
  }

  /// A patch of halves has twice as many words at most.
  @Test("halves equal the sums of absolute differences", arguments: wordCounts + [32768])
  func halves(wordCount: Int) {
    var tiles = KernelTiles(wordCount: wordCount, -32768...32767, .halves)
    let (patterned, moved) = (tiles.patterned(), tiles.moved())
    check(ReferenceHalves.self, tiles, patterned, moved)
    check(DSPHalves.self, tiles, patterned, moved)
    check(SWARHalves.self, tiles, patterned, moved)
  }

  private func check<Kernel: TileKernel>(
    _ kernel: Kernel.Type, _ tiles: KernelTiles, _ patterned: [KernelTile],
    _ moved: [(tile: KernelTile, shift: Int, before: KernelElements)]
  ) {
    let check = KernelCheck(kernel, tiles.elements, tiles.width)
    check.check(patterned)
    for (tile, shift, before) in moved { check.check(tile, movedBy: shift, from: before) }
  }
}
