/// Words for a kernel between guards that show what it reads and writes beside them.
///
/// The guards of patches are words of the largest elements and those of filters of the smallest, so
/// that a kernel which takes one more word gets another sum. A class because it frees what it
/// allocates.
final class GuardedWords {
  private static let guardCount = 8

  private let allocation: UnsafeMutableBufferPointer<UInt32>
  /// The address of the first word.
  let start: UnsafeMutablePointer<UInt32>
  private let guardWord: UInt32
  /// The words between the guards.
  let words: UnsafeMutableBufferPointer<UInt32>

  init(_ contents: [UInt32], guardWord: UInt32) {
    let guardCount = Self.guardCount
    self.guardWord = guardWord
    let wordCount = contents.count + 2 * guardCount
    let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: wordCount)
    memory.initialize(repeating: guardWord, count: wordCount)
    allocation = UnsafeMutableBufferPointer(start: memory, count: wordCount)
    start = memory + guardCount
    words = UnsafeMutableBufferPointer(start: start, count: contents.count)
    _ = words.update(from: contents)
  }

  deinit { allocation.deallocate() }

  /// Whether no word outside has changed.
  var areGuardsIntact: Bool {
    allocation.prefix(Self.guardCount).allSatisfy { $0 == guardWord }
      && allocation.suffix(Self.guardCount).allSatisfy { $0 == guardWord }
  }
}
