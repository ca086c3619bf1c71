import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import AdderModel
import Foundation
import Testing

@Suite struct CompilerTests {
  private static let graph = """
    {
      "schema": "adder-graph-1",
      "name": "small",
      "inputs": [{"name": "image", "shape": [1, 6, 6], "mean": [0.5], "std": [0.25]}],
      "nodes": [
        {"name": "conv", "op": "adder2d", "inputs": ["image"], "padding": 1,
         "parameters": {"weight": "a.adder"}},
        {"name": "norm", "op": "batch_norm", "inputs": ["conv"],
         "parameters": {"weight": "n.weight", "bias": "n.bias", "running_mean": "n.running_mean",
                        "running_var": "n.running_var"}},
        {"name": "vector", "op": "flatten", "inputs": ["norm"]},
        {"name": "logits", "op": "linear", "inputs": ["vector"], "parameters": {"weight": "l.weight"}}
      ],
      "outputs": ["logits"]
    }
    """

  private static var checkpoint: Checkpoint {
    var checkpoint = Checkpoint.empty
    checkpoint.add("a.adder", [3, 1, 3, 3])
    checkpoint.addBatchNorm("n", 3)
    checkpoint.add("l.weight", [2, 108])
    return checkpoint
  }

  private func run(
    _ checkpoint: Checkpoint = Self.checkpoint, graph: String = Self.graph, calibrated: Bool = true,
    observer: CompileObserver = CompileObserver(),
    _ change: (inout CompileOptions) -> Void = { _ in }
  ) throws(CompileError) -> CompiledModel {
    var options = CompileOptions()
    options.importing.graphFile = (name: "g.json", bytes: Data(graph.utf8))
    change(&options)
    let calibration = { (inputs: [GraphInput]) throws(CompileError) -> CalibrationSet in
      CalibrationSet(
        inputs: inputs.map { input in
          (
            bytes: (0..<input.shape.height * input.shape.width * 4).map { UInt8($0 * 37 % 256) },
            shape: input.shape
          )
        })
    }
    return try compile(
      checkpoint, fileName: "m.pth", options: options, calibration: calibrated ? calibration : nil,
      observer: observer)
  }

  @Test("equal inputs give equal bytes that run", arguments: [4, 8, 16])
  func isDeterministic(bits: Int) throws {
    for calibrated in [true, false] {
      let first = try run(calibrated: calibrated) { $0.quantization.bits = bits }
      let second = try run(calibrated: calibrated) { $0.quantization.bits = bits }
      #expect(first.bytes == second.bytes)
      #expect(first.report.fileByteCount == first.bytes.count)
      let outputs = try ModelImage(first.bytes).run([(0..<36).map { UInt8($0) }])
      #expect(outputs.map(\.count) == [2])
    }
  }

  @Test func `every pass is shown once and in order`() throws {
    var passes: [PassName] = []
    var texts: [String] = []
    var stages: Set<String> = []
    var observer = CompileObserver()
    observer.dump = { pass, text in
      passes.append(pass)
      texts.append(text())
    }
    observer.progress = { stage, _, _ in stages.insert(stage) }
    _ = try run(observer: observer)
    #expect(passes == PassName.allCases)
    #expect(texts.allSatisfy { $0.hasSuffix("\n") && $0.count > 40 })
    #expect(texts[0].hasPrefix("graph small\n  image: 1x6x6 = input mean (0.5) std (0.25)\n"))
    #expect(stages == ["calibrate", "fit"])
    passes = []
    _ = try run(calibrated: false, observer: observer)
    #expect(passes == PassName.allCases.filter { $0 != .fitRequantizers })
  }

  @Test func `unknown layers are named all at once`() {
    let layers = "layers are conv, logits"
    #expect(
      failure { () throws(CompileError) in
        _ = try run { $0.quantization.layerBits = ["norm": 4, "conv": 4, "x": 8] }
      } == [
        "usage", "--layer-bits: no layer is named 'norm'; \(layers)",
        "--layer-bits: no layer is named 'x'; \(layers)",
      ])
  }

  @Test("widths beside 4 to 8 and 16 are refused", arguments: [0, 1, 3, 9, 12, 32])
  func refusesWidths(bits: Int) {
    let message = ["usage", "\(bits) bits are not supported; widths are 4 to 8 and 16"]
    #expect(
      failure { () throws(CompileError) in _ = try run { $0.quantization.bits = bits } } == message)
    #expect(
      failure { () throws(CompileError) in
        _ = try run { $0.quantization.layerBits = ["conv": bits] }
      } == message)
  }

  @Test func `class names must be as many as the output's channels`() throws {
    #expect(
      failure { () throws(CompileError) in _ = try run { $0.classNames = ["a", "b", "c"] } } == [
        "usage",
        "--class-names: 3 names, expected 2, one for each channel of the first output 'logits'",
      ])
    #expect(try Model(run { $0.classNames = ["a", "b"] }.bytes).classNames == ["a", "b"])
  }

  @Test func `numbers that are none never get far`() {
    for value in [Float.nan, .infinity] {
      var checkpoint = Self.checkpoint
      checkpoint["a.adder"].values[3] = value
      let messages = failure { () throws(CompileError) in _ = try run(checkpoint) }
      #expect(messages.first == "malformed" && messages.last?.contains("'a.adder'") == true)
    }
    // Finite in the file, infinite once folded or evaluated.
    for calibrated in [true, false] {
      for name in ["a.adder", "n.weight", "n.running_mean", "l.weight"] {
        var checkpoint = Self.checkpoint
        checkpoint[name].values = checkpoint[name].values.map { _ in 3e38 }
        let messages = failure { () throws(CompileError) in
          _ = try run(checkpoint, calibrated: calibrated)
        }
        #expect(
          ["malformed", "unsupported"].contains(messages.first ?? ""), "\(name): \(messages)")
      }
    }
  }

  @Test func `parameters too small to matter compile`() throws {
    for name in ["a.adder", "n.weight", "n.running_mean", "n.running_var", "l.weight"] {
      var checkpoint = Self.checkpoint
      checkpoint[name].values = checkpoint[name].values.map { _ in .leastNonzeroMagnitude }
      for calibrated in [true, false] {
        let model = try run(checkpoint, calibrated: calibrated)
        try ModelImage(model.bytes).withView { view in #expect(view.bindingCount == 2) }
      }
    }
  }

  @Test func `a receptive field too large is unsupported`() {
    var checkpoint = Self.checkpoint
    checkpoint.remove("l.weight")
    checkpoint.add("l.weight", [1, 90_000])
    let graph = Self.graph.replacing("[1, 6, 6]", with: "[1, 300, 300]")
      .replacing("\"inputs\": [\"norm\"]", with: "\"inputs\": [\"image\"]")
    #expect(
      failure { () throws(CompileError) in
        _ = try run(checkpoint, graph: graph, calibrated: false)
      } == [
        "unsupported",
        "layer 'logits': a receptive field of 90000 elements, at most 65535 are supported",
      ])
  }
}
