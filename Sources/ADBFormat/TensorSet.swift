/// A set of tensor indices in 512 bytes of stack.
struct TensorSet {
  /// The most tensors of a model.
  static var capacity: UInt32 { 4096 }

  private var words = InlineArray<128, UInt32>(repeating: 0)

  /// - Precondition: `index < 4096`.
  func contains(_ index: UInt32) -> Bool {
    words[Int(index &>> 5)] & (1 &<< (index & 31)) != 0
  }

  /// - Precondition: `index < 4096`.
  mutating func insert(_ index: UInt32) {
    words[Int(index &>> 5)] |= 1 &<< (index & 31)
  }
}
