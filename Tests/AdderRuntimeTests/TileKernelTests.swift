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
    check(BytesCheck(KernelTiles(wordCount: wordCount, 0...255, .bytes)))
  }

  @Test("bytes of seven bits equal the sums of absolute differences", arguments: wordCounts)
  func sevenBits(wordCount: Int) {
    check(SevenBitsCheck(KernelTiles(wordCount: wordCount, 0...127, .bytes)))
  }

  /// A patch of halves has twice as many words at most.
  @Test("halves equal the sums of absolute differences", arguments: wordCounts + [32768])
  func halves(wordCount: Int) {
    check(HalvesCheck(KernelTiles(wordCount: wordCount, -32768...32767, .halves)))
  }

  private func check(_ check: some KernelClassVisitor) {
    for kernels in KernelClassName.allCases { _ = kernels.accept(check) }
  }
}

/// The tiles that the kernels of every class are checked on.
private struct TileSet {
  private let tiles: KernelTiles
  private let patterned: [KernelTile]
  private let moved: [(tile: KernelTile, shift: Int, before: KernelElements)]

  init(_ tiles: KernelTiles) {
    var tiles = tiles
    (patterned, moved) = (tiles.patterned(), tiles.moved())
    self.tiles = tiles
  }

  func check<Kernel: TileKernel>(_ kernel: Kernel.Type) {
    let check = KernelCheck(kernel, tiles.elements, tiles.width)
    check.check(patterned)
    for (tile, shift, before) in moved { check.check(tile, movedBy: shift, from: before) }
  }
}

private struct BytesCheck: KernelClassVisitor {
  private let tiles: TileSet

  init(_ tiles: KernelTiles) { self.tiles = TileSet(tiles) }

  func visit<Kernels: KernelClass>(_ kernels: Kernels.Type) { tiles.check(Kernels.Bytes.self) }
}

private struct SevenBitsCheck: KernelClassVisitor {
  private let tiles: TileSet

  init(_ tiles: KernelTiles) { self.tiles = TileSet(tiles) }

  func visit<Kernels: KernelClass>(_ kernels: Kernels.Type) { tiles.check(Kernels.SevenBits.self) }
}

private struct HalvesCheck: KernelClassVisitor {
  private let tiles: TileSet

  init(_ tiles: KernelTiles) { self.tiles = TileSet(tiles) }

  func visit<Kernels: KernelClass>(_ kernels: Kernels.Type) { tiles.check(Kernels.Halves.self) }
}
