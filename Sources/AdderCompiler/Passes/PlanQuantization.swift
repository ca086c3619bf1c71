import ADBFormat
import Foundation

public struct QuantizationOptions: Sendable {
  /// Of activations and filters of adder layers: 4…8 or 16.
  public var bits: Int = 8
  /// Deviating widths by layer name.
  public var layerBits: [String: Int] = [:]
  public var rangeMethod: RangeMethod = .meanSquaredError
  /// Scales that are given; nil chooses them.
  public var scales: GivenScales?

  public init() {}

  func bits(ofLayer name: String) -> Int { layerBits[name] ?? bits }
}

/// Decides the integers of every value before any layer is quantized.
///
/// Largest-value pools, concatenation and rearrangements copy integers, so their inputs and outputs
/// form one group; so do the operands and the result of a sum, whose identity path is then exact. A
/// group is int16 if a sum is in it, if a layer of 16 bits reads it, or if readers want different
/// widths; else it has the bits of the layers that read it.
///
/// - Returns: The quantization of each input and node, by name; bounds are those of the type.
/// - Throws: `usage` where given scales are of another network.
/// - Precondition: `distributions` holds every value of the graph.
func planQuantization(
  _ graph: Graph, distributions: ValueDistributions, options: QuantizationOptions
) throws(CompileError) -> [String: ValueQuantization] {
  var plan = QuantizationPlan(graph: graph, distributions: distributions, options: options)
  plan.decideAll()
  var quantizations = plan.quantizations
  try options.scales?.apply(to: &quantizations, exceptFor: Set(graph.inputs.map(\.name)))
  return quantizations
}

private struct QuantizationPlan {
  let graph: Graph
  let distributions: ValueDistributions
  let options: QuantizationOptions
  private let groups: ValueGroups
  private let roles: [String: ValueRole]
  private let bounds: [String: ClosedRange<Double>]
  private let nodes: [String: Node]
  /// The values of each group, by its representative.
  private var members: [String: [String]] = [:]
  /// Adder layers whose patches are converted from the values of a group, with their bits.
  private var converting: [String: [(value: String, bits: Int)]] = [:]
  private(set) var quantizations: [String: ValueQuantization] = [:]

  init(graph: Graph, distributions: ValueDistributions, options: QuantizationOptions) {
    self.graph = graph
    self.distributions = distributions
    self.options = options
    groups = ValueGroups(graph)
    roles = groups.roles(graph, options: options)
    bounds = boundValues(graph)
    nodes = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.name, $0) })
    for name in graph.inputs.map(\.name) + graph.nodes.map(\.name) {
      members[groups.representative(of: name), default: []].append(name)
    }
    for node in graph.nodes where node.operation.isAdder {
      let bits = options.bits(ofLayer: node.layerName)
      let value = node.inputs[0]
      if bits <= 8 {
        converting[groups.representative(of: value), default: []].append((value, bits))
      }
    }
  }

  /// Chooses the quantization of every group, behind those that its averages are made of.
  mutating func decideAll() {
    var isVisited: Set<String> = []
    for name in graph.inputs.map(\.name) + graph.nodes.map(\.name) {
      // A stack of its own, as chains may be as long as the graph. A circle is cut where it closes.
      var stack: [(group: String, sources: [String])] = []
      func visit(_ name: String) {
        let group = groups.representative(of: name)
        guard isVisited.insert(group).inserted else { return }
        stack.append((group, members[known: group].compactMap(averagedValue)))
      }
      visit(name)
      while let top = stack.last {
        if top.sources.isEmpty {
          stack.removeLast()
          decide(top.group)
        } else {
          visit(stack[stack.count - 1].sources.removeLast())
        }
      }
    }
  }

  /// What a value is the average of.
  private func averagedValue(_ name: String) -> String? {
    guard let node = nodes[name], case .averagePool = node.operation else { return nil }
    return node.inputs[0]
  }

  private mutating func decide(_ representative: String) {
    let names = members[known: representative]
    let quantization: ValueQuantization
    switch roles[known: representative] {
    case .image:
      quantization = ValueQuantization(
        elementType: .uint8, scale: 1, zeroPoint: 0, bounds: 0...255)
    case .unsigned(let bits):
      let quantizer = unsignedQuantizer(names, bits: bits)
      quantization = ValueQuantization(
        elementType: .uint8, scale: Double(Float(quantizer.scale)),
        zeroPoint: quantizer.zeroPoint, bounds: 0...quantizer.levels)
    case .stream:
      quantization =
        averages(names)
        ?? ValueQuantization(
          elementType: .int16, scale: streamStep(representative, names),
          zeroPoint: 0, bounds: -32768...32767)
    case .output:
      quantization = ValueQuantization(
        elementType: .int32, scale: outputStep(names), zeroPoint: 0,
        bounds: -(1 << 24)...(1 << 24))
    }
    for name in names { quantizations[name] = quantization }
  }

  private func unsignedQuantizer(_ names: [String], bits: Int) -> UniformQuantizer {
    let known = names.compactMap { bounds[$0] }
    if known.count == names.count, let lower = known.map(\.lowerBound).min(),
      let upper = known.map(\.upperBound).max()
    {
      return UniformQuantizer(lower: min(0, lower), upper: max(0, upper), levels: (1 << bits) - 1)
    }
    return chooseQuantizer(
      for: distributions.histogram(of: names, for: options.rangeMethod), bits: bits,
      method: options.rangeMethod)
  }

  /// Averages of numbers above zero, where 16 bits are wanted, take all of int16: they must hold
  /// what their input can, while they themselves are smaller.
  ///
  /// - Returns: nil for other values, and for those that layers convert, which are around zero.
  private func averages(_ names: [String]) -> ValueQuantization? {
    guard options.bits == 16, names.count == 1, let input = averagedValue(names[0]),
      converting[groups.representative(of: names[0])] == nil,
      nodes[input]?.operation.clamp.map({ $0.lower >= 0 }) ?? false,
      let upper = quantizations[input]?.realBounds.upperBound
    else { return nil }
    return ValueQuantization(
      elementType: .int16, scale: Double(Float(upper / 65535).nextUp), zeroPoint: -32768,
      bounds: -32768...32767)
  }

  /// A step that leaves room above what was seen, and is a layer's best one times a power of two.
  ///
  /// The identity path is exact with any step; but a layer that converts the values to fewer bits
  /// does so by a shift, so that a step in the octave above the smallest possible one decides how
  /// well all of them can do.
  private func streamStep(_ representative: String, _ names: [String]) -> Double {
    let magnitude = names.reduce(0x1p-20) { max($0, largestMagnitude(of: $1)) }
    let smallest = magnitude / 32767
    let all = converting[representative] ?? []
    // Of many readers, these tell enough.
    let sampleCount = min(all.count, 32)
    let readers = (0..<sampleCount).map { index in
      let reader = all[index * all.count / sampleCount]
      let histogram = distributions.histogram(of: [reader.value], for: options.rangeMethod)
      return (histogram, variance: max(histogram.variance, 0x1p-100), bits: reader.bits)
    }
    var (best, bestCost) = (Double(Float(smallest).nextUp), Double.infinity)
    let candidateCount = readers.isEmpty ? 0 : 16
    for candidate in 0..<candidateCount {
      let step = Double(Float(smallest * exp2(Double(candidate) / Double(candidateCount))).nextUp)
      let cost = readers.reduce(0) { sum, reader in
        let (histogram, variance, bits) = reader
        let conversion = chooseConversion(for: histogram, scale: step, bits: bits)
        let quantizer = UniformQuantizer(
          scale: step * exp2(Double(conversion.shift)), zeroPoint: conversion.offset,
          levels: conversion.bounds.upperBound)
        return sum + histogram.meanSquaredError(quantizer.rounded) / variance
      }
      if cost < bestCost { (best, bestCost) = (step, cost) }
    }
    return best
  }

  /// The largest real magnitude that a value must hold.
  private func largestMagnitude(of name: String) -> Double {
    if let bounds = bounds[name] { return max(abs(bounds.lowerBound), abs(bounds.upperBound)) }
    let histogram = distributions.histograms[known: name]
    let room = distributions.room(above: histogram)
    let clamp = nodes[name]?.operation.clamp
    let lowest = max(histogram.minimum * room, Double(clamp?.lower ?? -.infinity))
    let highest = min(histogram.maximum * room, Double(clamp?.upper ?? .infinity))
    let largest = max(abs(lowest), abs(highest))
    // An average never exceeds what its input can be.
    guard let real = averagedValue(name).flatMap({ quantizations[$0]?.realBounds }) else {
      return largest
    }
    return max(abs(real.lowerBound), abs(real.upperBound))
  }

  /// The smallest power of two with which all values fit in ±2¹⁷.
  private func outputStep(_ names: [String]) -> Double {
    let largest = names.reduce(0x1p-20) {
      let histogram = distributions.histograms[known: $1]
      return max($0, abs(histogram.minimum), abs(histogram.maximum))
    }
    return exp2((log2(largest) - 17).rounded(.up))
  }
}

extension ValueDistributions {
  /// By how much values may exceed the largest ones known.
  ///
  /// Of n values whose tails fall off exponentially, the largest grows with ln n. This is how much
  /// larger it is in 2²⁰ images: there it is near sixteen deviations, of which estimates hold eight.
  fileprivate func room(above histogram: Histogram) -> Double {
    guard imageCount > 0 else { return 2 }
    return 1 + max(0, log(0x1p20 / Double(imageCount)) / log(max(histogram.total, 2)))
  }
}

extension GraphOperation {
  /// What cuts the operation's result.
  fileprivate var clamp: Clamp? {
    switch self {
    case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
      layer.epilogue.clamp
    case .affine(_, let clamp), .add(let clamp): clamp
    case .clamp(let clamp): clamp
    case .activation(let activation): activation.clamp
    case .batchNorm, .concat, .maxPool, .averagePool, .globalAveragePool, .adaptiveAveragePool,
      .rearrange:
      nil
    }
  }
}

extension Activation {
  /// What its results are within.
  fileprivate var clamp: Clamp {
    let bounds = bounds(of: -.infinity ... .infinity)
    return Clamp(lower: Float(bounds.lowerBound), upper: Float(bounds.upperBound))
  }
}
