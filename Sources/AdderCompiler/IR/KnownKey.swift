extension Dictionary {
  /// The value of a key that an earlier check has put there.
  ///
  /// - Precondition: The key is present; anything else is a defect of the compiler.
  subscript(known key: Key) -> Value {
    guard let value = self[key] else { preconditionFailure("no value for '\(key)'") }
    return value
  }
}
