import AdderText

/// The state_dict inside what was saved, found by the keys under which training scripts put it.
struct UnwrapStateDict {
  /// Keys that hold a state_dict, the likeliest first.
  static let wrapperKeys = ["state_dict", "model", "model_state_dict", "net"]
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
  /// Entries that hold no tensor anywhere are left out, with a note. A tensor that only an unknown
  /// class or a nested container would yield is an error.
  mutating func tensors() throws(CompileError) -> [(name: String, tensor: TensorDescription)] {
    let entries = try stateDictEntries()
    // Views share their parts, so that each name of a tensor takes no more than its entry.
    var rebuild = self.rebuild
    var tensors: [(name: String, tensor: TensorDescription)] = []
    var ignored: [String] = []
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
        throw nestedTensors(entry.value, name: name)
      } else {
        ignored.append(name)
      }
    }
    guard !tensors.isEmpty else {
      throw file.unsupported(
        ignored.isEmpty
          ? "the file holds an empty dictionary, expected tensors: save model.state_dict()"
          : "no tensors found, only the keys \(quotedList(ignored)): save model.state_dict()")
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
      if entries.contains(where: { rebuild.tensorFunction(at: $0.value) != nil }) { return entries }
      let wrappers = Self.wrapperKeys.compactMap { key in
        entries.last { pickle.string(at: $0.key) == key }
      }
      guard let wrapper = wrappers.first(where: { pickle.entries(of: $0.value) != nil }),
        let key = pickle.string(at: wrapper.key), let inner = pickle.entries(of: wrapper.value)
      else {
        if let object = wrappers.first(where: { className(of: $0.value) != nil }),
          let key = pickle.string(at: object.key)
        {
          throw notADictionary(object.value, place: "the entry \(quoted(key))")
        }
        return entries
      }
      let others = entries.filter { $0.value != wrapper.value }.compactMap {
        pickle.string(at: $0.key)
      }
      notes.append(
        "used the entry \(quoted(key))"
          + (others.isEmpty ? "" : " and ignored \(quotedList(others))"))
      entries = inner
    }
    return entries
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
