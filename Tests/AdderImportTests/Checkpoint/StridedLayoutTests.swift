import AdderCompiler
import Testing

@Suite struct StridedLayoutTests {
  private func indices(_ layout: StridedLayout) -> [Int] {
    var indices: [Int] = []
    layout.forEachRun { start, count, stride in
      for index in 0..<count { indices.append(start + index * stride) }
    }
    return indices
  }

  @Test func `visits a permuted view in row-major order`() throws {
    let layout = try #require(
      StridedLayout.validated(
        shape: [2, 1, 3], strides: [1, 99, 2], offset: 4, storageElementCount: 10))
    #expect(layout.elementCount == 6)
    #expect(indices(layout) == [4, 6, 8, 5, 7, 9])
  }

  @Test func `visits a scalar once and an empty tensor never`() throws {
    let scalar = try #require(
      StridedLayout.validated(shape: [], strides: [], offset: 3, storageElementCount: 4))
    #expect(indices(scalar) == [3])
    let empty = try #require(
      StridedLayout.validated(shape: [2, 0], strides: [5, 5], offset: 0, storageElementCount: 0))
    #expect(indices(empty).isEmpty)
  }

  @Test func `repeats elements for a stride of 0`() throws {
    let layout = try #require(
      StridedLayout.validated(
        shape: [3, 2], strides: [0, 1], offset: 0, storageElementCount: 2))
    #expect(indices(layout) == [0, 1, 0, 1, 0, 1])
  }

  @Test(
    "refuses what reaches outside the storage",
    arguments: [
      ([4], [1], 1, 4), ([2, 2], [3, 1], 0, 4), ([1], [1], -1, 4), ([2], [-1], 1, 4),
      ([-1], [1], 0, 4), ([2], [1, 1], 0, 4), ([], [], 4, 4), ([0], [1], 5, 4),
      ([2], [Int.max], 1, 4), ([Int.max, 3], [0, 1], 0, 4), ([3], [Int.max], 0, 4),
    ])
  func outside(shape: [Int], strides: [Int], offset: Int, count: Int) {
    #expect(
      StridedLayout.validated(
        shape: shape, strides: strides, offset: offset, storageElementCount: count) == nil)
  }

  @Test func `accepts what ends with the last element`() {
    #expect(
      StridedLayout.validated(
        shape: [2, 2], strides: [2, 1], offset: 1, storageElementCount: 5) != nil)
  }

  @Test func `bounds the rank`() {
    for (rank, isAccepted) in [(64, true), (65, false)] {
      let ones = [Int](repeating: 1, count: rank)
      #expect(
        (StridedLayout.contiguous(shape: ones, storageElementCount: 1) != nil) == isAccepted)
    }
  }

  @Test func `a contiguous layout fills its storage exactly`() throws {
    let layout = try #require(StridedLayout.contiguous(shape: [2, 3, 4], storageElementCount: 24))
    #expect(layout.strides == [12, 4, 1])
    #expect(StridedLayout.contiguous(shape: [2, 3], storageElementCount: 7) == nil)
    #expect(StridedLayout.contiguous(shape: [Int.max, 2, 0], storageElementCount: 0) == nil)
  }
}
