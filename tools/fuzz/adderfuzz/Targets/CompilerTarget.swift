import ADBFormat
import AdderCompiler
import AdderModel
import Foundation

/// The whole compiler, and what it writes on every class of kernels.
///
/// An input is a graph file, a byte 0 and bytes that choose weights and options, or where it does not
/// begin with `{`, bytes that choose the graph as well.
struct CompilerTarget: FuzzTarget {
  static let name = "compiler"
  private var count = 0
  private var compiledCount = 0
  private var runs = ModelRuns()

  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    guard bytes.first == UInt8(ascii: "{") else { return nil }
    let text = Array(bytes.prefix { $0 != 0 })
    return JSONMutator.mutant(of: text, seed: seed).map { $0 + bytes[text.count...] }
  }

  mutating func run(_ bytes: [UInt8]) {
    count += 1
    var source: ByteSource
    let text: [UInt8]
    if bytes.first == UInt8(ascii: "{") {
      text = Array(bytes.prefix { $0 != 0 })
      source = ByteSource(bytes[text.count...].dropFirst())
    } else {
      source = ByteSource(bytes[...])
      text = Array(NetworkText.text(&source).utf8)
    }
    guard let graph = try? ShapedGraph(reading: text, file: "f"), isSmall(graph) else { return }
    let tensors = tensors(for: text, graph, &source)
    do throws(CompileError) {
      try compile(Checkpoint(container: .safetensors, tensors: tensors), text, graph, &source)
    } catch {
      check(refusal: error)
    }
  }

  /// Whether a network takes a moment at most.
  private func isSmall(_ graph: ShapedGraph) -> Bool {
    let elementCounts = graph.nodes.map { node -> Int in
      let taps = node.window.map { $0.kernelHeight * $0.kernelWidth * node.inputShapes[0].channels }
      return node.outputShape.elementCount * (taps ?? 1)
    }
    return graph.nodes.count <= 40 && elementCounts.allSatisfy { $0 <= 1 << 18 }
      && elementCounts.reduce(0, +) <= 1 << 19
      && graph.inputs.allSatisfy { $0.shape.elementCount <= 1 << 14 }
  }

  private mutating func compile(
    _ checkpoint: Checkpoint, _ text: [UInt8], _ graph: ShapedGraph, _ source: inout ByteSource
  ) throws(CompileError) {
    var options = CompileOptions()
    options.importing = ImportOptions(graphFile: (name: "f", bytes: Data(text)))
    let hasAdder = graph.nodes.contains { $0.operation == .adder2d || $0.operation == .adderLinear }
    options.quantization.bits = source.element(of: hasAdder ? [8, 4, 5, 6, 7, 16] : [8, 16])
    options.quantization.rangeMethod = source.element(
      of: [.meanSquaredError, .maximum, .percentile(99), .maximum, .percentile(90), .divergence])
    options.stripsNames = source.byte() % 4 == 0
    let imageCount = source.integer(in: 0...2)
    let seed = source
    let model = try AdderCompiler.compile(
      checkpoint, fileName: "m", options: options,
      calibration: imageCount == 0
        ? nil
        : { (inputs) throws(CompileError) in
          var source = seed
          return CalibrationSet(
            inputs: inputs.map { input in
              (bytes: source.bytes(imageCount * input.shape.elementCount), shape: input.shape)
            })
        })
    compiledCount += 1
    var file = model.bytes
    if PlantedDefect.current == .wrongFile, file.count > 200 { file[200] ^= 1 }
    do throws(ModelError) {
      let compiled = try Model(file)
      check(compiled.arenaByteCount == model.report.arenaByteCount, "another arena than reported")
    } catch {
      fatalError("finding: the verifier refuses what the compiler wrote: \(error)")
    }
    runs.run(file)
  }

  var statistics: [(name: String, count: Int)] {
    [("read", count), ("accepted", compiledCount), ("ran", runs.statistics[2].count)]
  }
}
