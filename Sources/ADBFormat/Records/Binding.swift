/// A tensor that the caller fills before a run or reads after it.
public struct Binding: StoredRecord {
  /// Who writes the tensor; the raw value is the number in a model file.
  public enum Direction: UInt32, Sendable {
    /// The caller writes it.
    case input = 0
    /// The caller reads it.
    case output = 1
  }

  /// The index of the tensor.
  public package(set) var tensor: UInt32 = 0
  package var directionCode: UInt32 = 0

  package init() {}

  package init(tensor: UInt32, direction: Direction) {
    self.tensor = tensor
    directionCode = direction.rawValue
  }

  public var direction: Direction { directionCode == 0 ? .input : .output }
}

extension Stored<Binding> {
  package var direction: Binding.Direction { self.directionCode == 0 ? .input : .output }
}

extension Verifier {
  /// Verifies the bindings: inputs, which count as written, then outputs.
  mutating func verifyBindings() throws(ModelError) {
    var hasInput = false
    var hasOutput = false
    var index: UInt32 = 0
    while index < view.bindingCount {
      let binding = view.storedBinding(index)
      let place = place(binding, \.tensor)
      let directionPlace = self.place(binding, \.directionCode)
      guard let direction = Binding.Direction(rawValue: binding.directionCode) else {
        throw ModelError(.wrongDirection, at: directionPlace)
      }
      let tensor = try tensor(binding.tensor, at: place)
      switch direction {
      case .input:
        guard !hasOutput else { throw ModelError(.wrongDirection, at: directionPlace) }
        hasInput = true
        try verifyInput(tensor)
        try write(binding.tensor, at: place)
      case .output:
        hasOutput = true
      }
      index &+= 1
    }
    guard hasInput && hasOutput else {
      throw ModelError(.wrongDirection, at: place(view.storedBinding(0), \.directionCode))
    }
  }
}
