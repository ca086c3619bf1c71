import AdderText

/// A layer that a checkpoint's tensors tell of: filters, and the norm that belongs to them.
struct SkeletonLayer {
  /// The path of its module, or the weight's own name where that tells more.
  let name: String
  let operation: OperationName
  let weight: String
  let bias: String?
  let filterCount: Int
  /// Input channels of one group.
  let inputCount: Int
  let kernelHeight: Int
  let kernelWidth: Int
  var norm: SkeletonNorm?

  var isVector: Bool { operation == .linear || operation == .adderLinear }
  var isPointwise: Bool { kernelHeight == 1 && kernelWidth == 1 }
}

/// What scales and shifts channels behind a layer.
struct SkeletonNorm {
  let name: String
  let operation: OperationName
  let channelCount: Int
  let parameters: [String: String]
  /// What is not known of it, if anything.
  var guess: String?
}

/// The layers of a checkpoint in its order, each with the norm that fits it.
struct SkeletonLayers {
  private(set) var layers: [SkeletonLayer] = []
  /// Tensors that no layer takes, in the order of the file.
  private(set) var unplaced: [Checkpoint.Tensor] = []
  /// Layers without a norm, by what a norm is looked for by.
  private var indices: [Key: ArraySlice<Int>] = [:]

  /// How the layer of a norm is found.
  private enum Key: Hashable {
    case channels(Int)
    /// `conv2` and `bn2` of one module belong together.
    case number(module: String, digits: String, channels: Int)
  }

  /// - Complexity: O(tensors)
  init(_ tensors: [Checkpoint.Tensor]) {
    var order: [String] = []
    var modules: [String: [Checkpoint.Tensor]] = [:]
    for tensor in tensors where !isTrainingCounter(tensor.name) {
      let path = modulePath(of: tensor.name)
      if modules[path] == nil { order.append(path) }
      modules[path, default: []].append(tensor)
    }
    for path in order { place(SkeletonModule(path: path, tensors: modules[path] ?? [])) }
  }

  private mutating func place(_ module: SkeletonModule) {
    if let norm = module.norm {
      let used = Set(norm.parameters.values)
      attach(norm, tensors: module.tensors.filter { used.contains($0.name) })
      unplaced += module.tensors.filter { !used.contains($0.name) }
      return
    }
    let layers = module.layers
    let used = Set(layers.flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) })
    for layer in layers {
      for key in keys(of: layer.name, channels: layer.filterCount) {
        indices[key, default: []].append(self.layers.count)
      }
      self.layers.append(layer)
    }
    unplaced += module.tensors.filter { !used.contains($0.name) }
  }

  /// Gives a norm to the layer of its number, else the last one before it, else the first of all
  /// that have its channels and no norm yet.
  private mutating func attach(_ norm: SkeletonNorm, tensors: [Checkpoint.Tensor]) {
    let last = layers.count - 1
    for key in keys(of: norm.name, channels: norm.channelCount) {
      var candidates = indices[key] ?? []
      // Each is dropped once.
      candidates = candidates.drop { layers[$0].norm != nil }
      indices[key] = candidates
      let fitsLast = candidates.last == last && layers[last].norm == nil
      guard let index = fitsLast ? last : candidates.first else { continue }
      layers[index].norm = norm
      if index != last, norm.guess == nil { layers[index].norm?.guess = "which layer it follows" }
      return
    }
    unplaced += tensors
  }

  private func keys(of name: String, channels: Int) -> [Key] {
    let digits = name.reversed().prefix(while: \.isNumber).reversed()
    // In 'features.3', the number is that of the module.
    let isNumbered = !digits.isEmpty && name.dropLast(digits.count).last.map { $0 != "." } == true
    let number = Key.number(
      module: modulePath(of: name), digits: String(digits), channels: channels)
    return (isNumbered ? [number] : []) + [.channels(channels)]
  }
}

/// The tensors of one module.
private struct SkeletonModule {
  let path: String
  let tensors: [Checkpoint.Tensor]

  /// Its batch norm, or scale and shift.
  var norm: SkeletonNorm? {
    func vector(_ role: String) -> Checkpoint.Tensor? {
      tensors.first { $0.name == (path.isEmpty ? role : "\(path).\(role)") && $0.isVector }
    }
    let weight = vector("weight")
    let count = vector("running_mean")?.values.count ?? weight?.values.count ?? 0
    // A single number may be the slope of a PReLU.
    guard count > 1 || vector("running_mean") != nil else { return nil }
    let roles = ["weight", "bias", "running_mean", "running_var"]
    var parameters: [String: String] = [:]
    for role in roles {
      if let tensor = vector(role), tensor.values.count == count { parameters[role] = tensor.name }
    }
    let name = path.isEmpty ? "norm" : path
    if parameters["running_mean"] != nil, parameters["running_var"] != nil {
      return SkeletonNorm(
        name: name, operation: .batchNorm, channelCount: count, parameters: parameters)
    }
    guard parameters["running_mean"] == nil, parameters["running_var"] == nil,
      parameters["weight"] != nil, parameters["bias"] != nil
    else { return nil }
    return SkeletonNorm(
      name: name, operation: .affine, channelCount: count, parameters: parameters,
      guess: "a scale and shift; norms without running statistics are not supported")
  }

  /// A layer for each tensor that may hold filters.
  var layers: [SkeletonLayer] {
    let weights = tensors.filter { $0.filters != nil }
    return weights.compactMap { tensor -> SkeletonLayer? in
      guard let filters = tensor.filters else { return nil }
      let bias = tensors.first {
        weights.count == 1 && ["bias", "b"].contains($0.role) && $0.shape == [filters.shape[0]]
      }
      return SkeletonLayer(
        name: weights.count == 1 && !path.isEmpty ? path : tensor.name,
        operation: filters.operation, weight: tensor.name, bias: bias?.name,
        filterCount: filters.shape[0], inputCount: filters.shape[1],
        kernelHeight: filters.shape[2], kernelWidth: filters.shape[3])
    }
  }
}

/// What stands before the last dot of a name.
func modulePath(of name: String) -> String {
  name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
}

extension Checkpoint.Tensor {
  /// What follows the module's path.
  fileprivate var role: String {
    name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
  }

  fileprivate var isVector: Bool { shape.count == 1 && !values.isEmpty }

  /// The layer that it may be the filters of, and their shape [out, in, height, width].
  fileprivate var filters: (operation: OperationName, shape: [Int])? {
    guard shape.allSatisfy(tensorExtents.contains), checkedProduct(shape) == values.count else {
      return nil
    }
    let isAdder = ["adder", "pat"].contains(role)
    switch shape.count {
    case 2: return (isAdder ? .adderLinear : .linear, shape + [1, 1])
    case 3:
      guard isAdder, let kernel = squareRoot(shape[2]) else { return nil }
      return (.adder2d, Array(shape[..<2]) + [kernel, kernel])
    case 4: return (isAdder ? .adder2d : .conv2d, shape)
    default: return nil
    }
  }
}
