import AdderCompiler
import Foundation
import Testing

@Suite struct ForEachChunkTests {
  @Test("every item is visited once", arguments: [0, 1, 7, 64, 1000, 12_345])
  func visitsEveryItem(count: Int) {
    let lock = NSLock()
    nonisolated(unsafe) var visits = [Int](repeating: 0, count: count)
    forEachChunk(of: count, minimum: 10) { range in
      lock.withLock { for index in range { visits[index] += 1 } }
    }
    #expect(visits.allSatisfy { $0 == 1 })
  }
}
