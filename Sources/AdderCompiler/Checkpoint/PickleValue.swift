/// One value of a pickle, inert: classes and functions are names that nothing looks up.
///
/// Values refer to each other by index into their `Pickle`, so a hostile file cannot nest them
/// deeply enough to exhaust the stack, nor build a cycle of references that is never released.
enum PickleValue: Equatable, Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer beyond 64 bits, a byte string or text too long for a name: nothing a tensor depends
  /// on.
  case opaque
  case float(Double)
  case string(String)
  case tuple([PickleReference])
  case list([PickleReference])
  case set
  case dictionary([PickleEntry])
  /// A class or function, by module and name; indirect, so that the other values are small.
  indirect case global(module: String, name: String)
  case object(PickleObject)
  /// A value stored outside the pickle, by its persistent identifier.
  case persistent(PickleReference)
}

/// The index of a value in its `Pickle`.
struct PickleReference: Hashable, Sendable {
  private let number: UInt32

  var index: Int { Int(number) }

  /// - Precondition: `index` is that of one of at most 10⁶ values.
  init(_ index: Int) { number = UInt32(index) }
}

struct PickleEntry: Equatable, Sendable {
  let key: PickleReference
  let value: PickleReference
}

/// What the pickle would have made by calling something; nothing is called.
struct PickleObject: Equatable, Sendable {
  let callable: PickleReference
  /// The tuple of arguments.
  let arguments: PickleReference
  /// Entries set on the object afterwards, as an `OrderedDict` receives them.
  var entries: [PickleEntry] = []
  /// Values appended to the object afterwards, and its states.
  var attached: [PickleReference] = []
}

struct Pickle: Sendable {
  let values: [PickleValue]
  let root: PickleReference
  /// The offset in the file of the first byte after the pickle.
  let endOffset: Int

  subscript(reference: PickleReference) -> PickleValue { values[reference.index] }

  /// The entries of a `dict` or `OrderedDict`, or `nil` for any other value.
  func entries(of reference: PickleReference) -> [PickleEntry]? {
    switch self[reference] {
    case .dictionary(let entries):
      return entries
    case .object(let object):
      guard
        self[object.callable] == .global(module: "collections", name: "OrderedDict"),
        case .tuple(let arguments) = self[object.arguments]
      else { return nil }
      if arguments.isEmpty { return object.entries }
      // Python 2 passes the entries to the constructor, as a list of pairs.
      guard arguments.count == 1, case .list(let pairs) = self[arguments[0]] else { return nil }
      var entries: [PickleEntry] = []
      for pair in pairs {
        guard let items = sequence(at: pair), items.count == 2 else { return nil }
        entries.append(PickleEntry(key: items[0], value: items[1]))
      }
      return entries + object.entries
    default:
      return nil
    }
  }

  /// The items of a list or tuple, or `nil` for any other value.
  func sequence(at reference: PickleReference) -> [PickleReference]? {
    switch self[reference] {
    case .list(let items), .tuple(let items): items
    default: nil
    }
  }

  func string(at reference: PickleReference) -> String? {
    if case .string(let text) = self[reference] { text } else { nil }
  }

  func integer(at reference: PickleReference) -> Int? {
    if case .integer(let value) = self[reference] { value } else { nil }
  }

  /// The values that a value refers to directly.
  func references(from reference: PickleReference) -> [PickleReference] {
    switch self[reference] {
    case .none, .bool, .integer, .opaque, .float, .string, .set, .global: []
    case .tuple(let items), .list(let items): items
    case .dictionary(let entries): entries.flatMap { [$0.key, $0.value] }
    case .object(let object):
      [object.callable, object.arguments] + object.attached
        + object.entries.flatMap { [$0.key, $0.value] }
    case .persistent(let identifier): [identifier]
    }
  }
}
