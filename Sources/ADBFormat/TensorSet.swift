/// A set of tensor indices, in memory that the caller lends.
struct TensorSet {
  /// One bit for each tensor.
  private let words: UnsafeMutablePointer<UInt32>
  private let tensorCount: UInt32

  /// An empty set of the tensors below `tensorCount`.
  ///
  /// - Parameter words: Zeros, one bit for each tensor; they outlive the set.
  init(_ words: UnsafeMutableRawPointer, tensorCount: UInt32) {
    self.words = words.assumingMemoryBound(to: UInt32.self)
    self.tensorCount = tensorCount
  }

  /// - Precondition: `index` is below the number of tensors.
  func contains(_ index: UInt32) -> Bool {
    precondition(index < tensorCount)
    return words[Int(truncatingIfNeeded: index &>> 5)] & (1 &<< (index & 31)) != 0
  }

  /// - Precondition: `index` is below the number of tensors.
  func insert(_ index: UInt32) {
    precondition(index < tensorCount)
    words[Int(truncatingIfNeeded: index &>> 5)] |= 1 &<< (index & 31)
  }
}
