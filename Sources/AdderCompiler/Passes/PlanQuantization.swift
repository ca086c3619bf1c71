import ADBFormat
import Foundation

public struct QuantizationOptions: Sendable {
  /// Of activations and filters of adder layers: 4…8 or 16.
  public var bits: Int = 8
  /// Deviating widths by layer name.
  public var layerBits: [String: Int] = [:]
  public var rangeMethod: RangeMethod = .meanSquaredError

  public init() {}

  func bits(ofLayer name: String) -> Int { layerBits[name] ?? bits }
}

/// What a group of values' integers are for.
private enum ValueRole: Equatable {
  /// Raw bytes of an image.
  case image
  /// Unsigned integers of the given width with their own scale.
  case unsigned(bits: Int)
  /// int16 with a power-of-two step: residual streams, 16-bit layers, pooled means.
  case stream
  /// int32 with a power-of-two step: what leaves the network.
  case output
}

/// Decides the integers of every value before any layer is quantized.
///
/// Largest-value pools, concatenation and rearrangements copy integers, so their inputs and outputs form one
/// group; so do the operands and the result of a sum, whose identity path is then exact. A group is
/// int16 if a sum is in it, if a layer of 16 bits reads it, or if readers want different widths;
/// else it has the bits of the layers that read it.
///
/// - Returns: The quantization of each input and node, by name; bounds are those of the type.
/// - Precondition: `distributions` holds every value of the graph.
func planQuantization(
  _ graph: Graph, distributions: ValueDistributions, options: QuantizationOptions
) -> [String: ValueQuantization] {
  let groups = ValueGroups(graph)
  let roles = groups.roles(graph, options: options)
  var members: [String: [String]] = [:]
  for name in graph.inputs.map(\.name) + graph.nodes.map(\.name) {
    members[groups.representative(of: name), default: []].append(name)
  }

  var quantizations: [String: ValueQuantization] = [:]
  for (representative, names) in members {
    var histogram = Histogram()
    for name in names { histogram.merge(distributions.histograms[known: name]) }
    let quantization: ValueQuantization
    switch roles[known: representative] {
    case .image:
      quantization = ValueQuantization(
        elementType: .uint8, scale: 1, zeroPoint: 0, bounds: 0...255)
    case .unsigned(let bits):
      let quantizer = chooseQuantizer(for: histogram, bits: bits, method: options.rangeMethod)
      quantization = ValueQuantization(
        elementType: .uint8, scale: Double(Float(quantizer.scale)),
        zeroPoint: quantizer.zeroPoint, bounds: 0...quantizer.levels)
    case .stream:
      quantization = ValueQuantization(
        elementType: .int16, scale: powerOfTwoStep(for: histogram, magnitude: 32767),
        zeroPoint: 0, bounds: -32768...32767)
    case .output:
      quantization = ValueQuantization(
        elementType: .int32, scale: powerOfTwoStep(for: histogram, magnitude: 1 << 17),
        zeroPoint: 0, bounds: -(1 << 24)...(1 << 24))
    }
    for name in names { quantizations[name] = quantization }
  }
  return quantizations
}

/// The smallest power of two with which all values fit in ±`magnitude`.
private func powerOfTwoStep(for histogram: Histogram, magnitude: Int) -> Double {
  let largest = max(abs(histogram.minimum), abs(histogram.maximum), 0x1p-20)
  return exp2((Foundation.log2(largest / Double(magnitude))).rounded(.up))
}

/// Values joined into groups of one quantization (union–find).
private struct ValueGroups {
  private var parents: [String: String] = [:]
  private var memberCounts: [String: Int] = [:]

  init(_ graph: Graph) {
    for node in graph.nodes {
      switch node.operation {
      case .maxPool, .concat, .rearrange, .add:
        for input in node.inputs { join(input, node.name) }
      case .adder2d, .conv2d, .linear, .adderLinear:
        for residual in node.inputs.dropFirst() { join(residual, node.name) }
      case .affine, .clamp, .averagePool, .batchNorm, .globalAveragePool:
        break
      }
    }
  }

  func representative(of name: String) -> String {
    var name = name
    while let parent = parents[name] { name = parent }
    return name
  }

  private mutating func join(_ first: String, _ second: String) {
    let (a, b) = (representative(of: first), representative(of: second))
    guard a != b else { return }
    // The smaller group joins the larger, which keeps the way to a representative short.
    let (countA, countB) = (memberCounts[a] ?? 1, memberCounts[b] ?? 1)
    let (small, large) = countA < countB ? (a, b) : (b, a)
    parents[small] = large
    memberCounts[large] = countA + countB
  }

  /// The role of each group, by its representative.
  func roles(
    _ graph: Graph, options: QuantizationOptions
  ) -> [String: ValueRole] {
    var streams: Set<String> = []
    var widths: [String: Set<Int>] = [:]
    var readInside: Set<String> = []
    for node in graph.nodes {
      for input in node.inputs { readInside.insert(representative(of: input)) }
      switch node.operation {
      case .add:
        streams.insert(representative(of: node.name))
      case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
        let bits = options.bits(ofLayer: node.layerName)
        widths[representative(of: node.inputs[0]), default: []].insert(
          node.operation.isAdder ? bits : max(8, bits))
        if layer.epilogue.addsResidual { streams.insert(representative(of: node.name)) }
      case .averagePool, .globalAveragePool:
        streams.insert(representative(of: node.name))
        if options.bits == 16 { streams.insert(representative(of: node.inputs[0])) }
      case .affine, .clamp, .batchNorm:
        widths[representative(of: node.inputs[0]), default: []].insert(options.bits == 16 ? 16 : 8)
      case .maxPool, .concat, .rearrange:
        break
      }
    }
    var roles: [String: ValueRole] = [:]
    for input in graph.inputs { roles[representative(of: input.name)] = .image }
    for name in graph.nodes.map({ representative(of: $0.name) }) where roles[name] == nil {
      let widths = widths[name] ?? []
      if streams.contains(name) || widths.contains(16) || widths.count > 1 {
        roles[name] = .stream
      } else if let bits = widths.first {
        roles[name] = .unsigned(bits: bits)
      } else {
        roles[name] = readInside.contains(name) ? .stream : .output
      }
    }
    return roles
  }
}
