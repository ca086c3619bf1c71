import AdderText

/// The state_dict inside what was saved, found by the keys under which training scripts put it.
struct UnwrapStateDict {
  /// Keys that hold a state_dict, the likeliest first.
  static let wrapperKeys = ["state_dict", "model", "model_state_dict", "net", "weights"]
  /// How many dictionaries may lie around a state_dict.
  static let depthLimit = 4

  let file: CheckpointFile
  let pickle: Pickle
  private(set) var notes: [String] = []
  /// Values known to lead to no storage; shared by all searches, so that each is visited once.
  var withoutStorage: Set<PickleReference> = []

  private var rebuild: TensorRebuild { TensorRebuild(file: file, pickle: pickle) }

  /// Finds the named tensors.
  ///
  /// Entries that hold no tensor anywhere are left out, with a note, and so are containers that hold
  /// some, such as the state of an optimizer, where they lie beside tensors. A tensor that only an
  /// unknown class would yield, or a container where there is nothing else, is an error.
  mutating func tensors() throws(CompileError) -> [(name: String, tensor: TensorDescription)] {
    let entries = try stateDictEntries()
    // Views share their parts, so that each name of a tensor takes no more than its entry.
    var rebuild = self.rebuild
    var tensors: [(name: String, tensor: TensorDescription)] = []
    var ignored: [String] = []
    var containers: [(name: String, value: PickleReference)] = []
    for entry in entries {
      guard let name = pickle.string(at: entry.key) else {
        if try holdsStorage(entry.value) {
          throw file.malformed(
            "a tensor's key is not a string of at most \(ExactName.byteLimit) bytes with at most "
              + "\(ExactName.markLimit) combining marks in a row: save model.state_dict()")
        }
        ignored.append("a key that is no name")
        continue
      }
      if let tensor = try rebuild.tensor(at: entry.value, name: name) {
        tensors.append((name, tensor))
        try checkTensorCount(tensors.count, of: file)
      } else if try holdsStorage(entry.value) {
        containers.append((name, entry.value))
      } else {
        ignored.append(name)
      }
    }
    let isAlone = tensors.isEmpty
    if let refused = containers.first(where: { isAlone || isTensorOfUnknownClass($0.value) }) {
      throw nestedTensors(refused.value, name: refused.name)
    }
    guard !tensors.isEmpty else {
      throw file.unsupported(
        ignored.isEmpty
          ? "the file holds an empty dictionary, expected tensors: save model.state_dict()"
          : "no tensors found, only the keys \(quotedList(ignored)): save model.state_dict()")
    }
    if !containers.isEmpty {
      notes.append(
        "ignored \(quotedList(containers.map(\.name))), which "
          + (containers.count == 1 ? "holds" : "hold")
          + " tensors in a container beside those of the network")
    }
    if !ignored.isEmpty {
      notes.append("ignored \(ignored.count) entries without tensors: \(quotedList(ignored))")
    }
    return tensors
  }

  private mutating func stateDictEntries() throws(CompileError) -> [PickleEntry] {
    guard var entries = pickle.entries(of: pickle.root) else {
      throw notADictionary(pickle.root, place: "the file")
    }
    for _ in 0..<Self.depthLimit {
      guard let wrapper = try wrapper(among: entries) else { return entries }
      let others = entries.filter { $0.value != wrapper.value }.compactMap {
        pickle.string(at: $0.key)
      }
      notes.append(
        "used the entry \(quoted(wrapper.key))"
          + (others.isEmpty ? "" : " and ignored \(quotedList(others))"))
      entries = wrapper.entries
    }
    return entries
  }

  private struct Wrapper {
    let key: String
    let value: PickleReference
    let entries: [PickleEntry]
  }

  /// The entry that holds the state_dict; nil where the entries are one themselves.
  ///
  /// A known key whose dictionary holds tensors is taken whatever lies beside it. Without one, the
  /// only dictionary of tensors is taken if no tensor but single numbers, such as the best accuracy,
  /// lies beside it.
  private func wrapper(among entries: [PickleEntry]) throws(CompileError) -> Wrapper? {
    let dictionaries = entries.compactMap { entry -> Wrapper? in
      guard let key = pickle.string(at: entry.key), let inner = pickle.entries(of: entry.value)
      else { return nil }
      return Wrapper(key: key, value: entry.value, entries: inner)
    }
    let known = Self.wrapperKeys.compactMap { key in dictionaries.last { $0.key == key } }
    if let wrapper = known.first(where: { holdsTensors($0.entries) }) { return wrapper }
    // Each value once, as many names may stand for one of many extents.
    var seen: Set<PickleReference> = []
    for entry in entries where seen.insert(entry.value).inserted {
      if rebuild.tensorFunction(at: entry.value) != nil, !isNumber(entry.value) { return nil }
    }
    let direct = dictionaries.filter { holdsTensors($0.entries, depth: 1) }
    if direct.count > 1 {
      let keys = quotedList(direct.map(\.key))
      throw file.unsupported(
        "holds \(direct.count) dictionaries of tensors, \(keys), and none under a known key "
          + "(\(Self.wrapperKeys.joined(separator: ", "))): save one of them, such as "
          + "torch.save(checkpoint[\(quoted(direct[0].key))], 'model.pt')")
    }
    if let only = direct.first { return only }
    let isPlain = entries.contains { rebuild.tensorFunction(at: $0.value) != nil }
    if isPlain { return nil }
    if let wrapper = known.first { return wrapper }
    // A whole module, where a state_dict was expected.
    for key in Self.wrapperKeys {
      if let entry = entries.last(where: { pickle.string(at: $0.key) == key }),
        className(of: entry.value) != nil
      {
        throw notADictionary(entry.value, place: "the entry \(quoted(key))")
      }
    }
    return nil
  }

  /// Whether an entry is a tensor, or a dictionary that leads to one in at most `depth` levels.
  private func holdsTensors(_ entries: [PickleEntry], depth: Int = depthLimit) -> Bool {
    if entries.contains(where: { rebuild.tensorFunction(at: $0.value) != nil }) { return true }
    guard depth > 1 else { return false }
    return entries.contains { entry in
      guard let key = pickle.string(at: entry.key), Self.wrapperKeys.contains(key),
        let inner = pickle.entries(of: entry.value)
      else { return false }
      return holdsTensors(inner, depth: depth - 1)
    }
  }

  /// Whether a tensor has one element; a malformed one, which is refused by name later, has not.
  private func isNumber(_ reference: PickleReference) -> Bool {
    var rebuild = rebuild
    let tensor = try? rebuild.tensor(at: reference, name: "")
    return tensor.map { $0.layout.elementCount <= 1 } ?? false
  }

  /// Whether the value is an object of an unknown class that takes a tensor itself, as tensor
  /// subclasses and packed parameters are.
  private func isTensorOfUnknownClass(_ reference: PickleReference) -> Bool {
    guard case .object(let object) = pickle[reference], pickle.entries(of: reference) == nil else {
      return false
    }
    return (pickle.sequence(at: object.arguments) ?? []).contains {
      rebuild.tensorFunction(at: $0) != nil
    }
  }

  private func notADictionary(_ reference: PickleReference, place: String) -> CompileError {
    if let name = className(of: reference) {
      return file.unsupported(
        "\(place) holds a whole module or object of class \(quoted(name)), whose code Adder does not "
          + "run: save model.state_dict() instead")
    }
    return file.unsupported(
      "\(place) does not hold a dictionary of tensors: save model.state_dict()")
  }

  private func nestedTensors(_ reference: PickleReference, name: String) -> CompileError {
    if let className = className(of: reference) {
      return file.unsupported(
        "entry \(quoted(name)) keeps tensors in an object of class \(quoted(className)), whose code "
          + "Adder does not run: save model.state_dict(), which holds plain tensors")
    }
    return file.unsupported(
      "entry \(quoted(name)) keeps tensors in a nested container: save one flat model.state_dict()")
  }

  /// The class or function that would make the object, or `nil` for plain values.
  private func className(of reference: PickleReference) -> String? {
    guard case .object(let object) = pickle[reference] else { return nil }
    var named = object.callable
    if case .global("copyreg", "_reconstructor") = pickle[named] { named = firstArgument(object) }
    if case .global("copy_reg", "_reconstructor") = pickle[named] { named = firstArgument(object) }
    // ('module', class, source file, source): the legacy format keeps the source of the class.
    if case .persistent(let identifier) = pickle[named],
      let items = pickle.sequence(at: identifier), items.count > 1
    {
      named = items[1]
    }
    guard case .global(let module, let name) = pickle[named] else { return "unknown" }
    return "\(module).\(name)"
  }

  private func firstArgument(_ object: PickleObject) -> PickleReference {
    pickle.sequence(at: object.arguments)?.first ?? object.callable
  }

  /// Whether a storage can be reached from the value.
  private mutating func holdsStorage(_ reference: PickleReference) throws(CompileError) -> Bool {
    var pending = [reference]
    while let next = pending.popLast() {
      guard withoutStorage.insert(next).inserted else { continue }
      if try rebuild.storage(at: next) != nil { return true }
      pending += pickle.references(from: next)
    }
    return false
  }
}
