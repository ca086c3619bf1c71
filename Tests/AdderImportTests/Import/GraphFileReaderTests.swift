import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

@Suite struct GraphFileReaderTests {
  @Test func `a graph with every attribute becomes nodes in topological order`() throws {
    let network = try GraphFileFixture.load()
    let graph = network.graph
    #expect(network.architecture == "graph")
    #expect(graph.name == "two-branches")
    #expect(graph.outputs == ["logits", "active"])
    #expect(
      graph.nodes.map(\.name) == [
        "conv", "norm", "grouped", "up", "sum", "clamp", "pool", "mean", "joined", "border",
        "means", "active", "vector", "dense", "logits",
      ])
    #expect(
      graph.window("conv")
        == Window(
          kernelHeight: 3, kernelWidth: 3, padding: Padding(top: 1, left: 0, bottom: 1, right: 2)))
    #expect(
      graph.window("grouped")
        == Window(
          kernelHeight: 3, kernelWidth: 3, padding: Padding(top: 1, left: 2, bottom: 1, right: 2),
          dilationHeight: 1, dilationWidth: 2))
    #expect(
      graph.window("pool")
        == Window(
          kernelHeight: 3, kernelWidth: 3, strideHeight: 2, strideWidth: 1,
          padding: Padding(all: 1)))
    #expect(graph["up"]?.operation == .rearrange(.upsampleNearest(factorHeight: 2, factorWidth: 2)))
    #expect(
      graph["border"]?.operation
        == .rearrange(.zeroPad(Padding(top: 0, left: 1, bottom: 0, right: 1))))
    let shapes = try graph.inferShapes()
    #expect(shapes["joined"] == TensorShape(height: 4, width: 8, channels: 8))
    #expect(shapes["logits"] == TensorShape(height: 1, width: 1, channels: 3))
    #expect(
      network.assumptions == [
        "structure: the graph file g.json",
        "input left 2x8x8: (byte/255 - mean)/std, mean [0.5, 0.25], std [0.5, 2.0]",
        "input right 2x4x4: (byte/255 - mean)/std, mean [0.0, 0.0], std [1.0, 1.0]; the graph file "
          + "gives none",
        "stride 1 (2 layers)", "padding [1, 0, 1, 2] for 3x3 (1 layer); [1, 2] for 3x3 (1 layer)",
        "pooling: pool max 3x3 stride 2x1 padding 1, mean average 2x1 stride 2x1, means average "
          + "over the whole image",
        "batch norm epsilon 0.001 (1 layer)",
      ])
  }

  @Test func `the parameters are those of the named tensors`() throws {
    let graph = try GraphFileFixture.load().graph
    let checkpoint = GraphFileFixture.checkpoint
    guard case .adder2d(let layer)? = graph["conv"]?.operation,
      case .batchNorm(let norm)? = graph["norm"]?.operation,
      case .conv2d(let grouped)? = graph["grouped"]?.operation
    else {
      Issue.record("the layers are of another kind")
      return
    }
    #expect(layer.filters.values == checkpoint["a.adder"].values)
    #expect(layer.bias == checkpoint["a.b"].values)
    #expect(grouped.groups == 2)
    #expect(norm.gamma == checkpoint["n.weight"].values)
    #expect(norm.beta == checkpoint["n.bias"].values)
    #expect(norm.mean == checkpoint["n.running_mean"].values)
    #expect(norm.variance == checkpoint["n.running_var"].values)
    #expect(norm.epsilon == 0.001)
  }

  @Test(
    "a wrong value is named by its path, with what was expected",
    arguments: [
      (
        #""epsilon": 0.001"#, #""epsilon": -1"#,
        "nodes[2].epsilon: -1, expected a number of 0.0...1.0"
      ),
      (#""groups": 2"#, #""groups": 2.5"#, "nodes[3].groups: 2.5, expected 1...1048576"),
      (#""groups": 2"#, #""groups": 1e300"#, "nodes[3].groups: 1e+300, expected 1...1048576"),
      (
        #""factor": 2"#, #""factor": [2]"#,
        "nodes[4].factor: an array, expected 1...64 or [height, width]"
      ),
      (#""factor": 2"#, #""faktor": 2"#, "nodes[4].faktor: unknown key. Did you mean 'factor'?"),
      (
        #""stride": [2, 1],\#n     "padding": 1"#, #""stride": [2, -1]"#,
        "nodes[6].stride: an array, expected 1...4096 or [height, width]"
      ),
      (
        #""padding": [0, 1]"#, #""padding": "1""#,
        "nodes[9].padding: padding by name, '1', is "
          + "unsupported; give 0...255, [height, width] or [top, left, bottom, right]"
      ),
      (
        #""count_include_pad": false"#, #""count_include_pad": 0"#,
        "nodes[7].count_include_pad: 0, expected true or false"
      ),
      (
        #""shape": [2, 4, 4]"#, #""shape": [2, 4]"#,
        "inputs[1].shape: expected [channels, height, width]"
      ),
      (#""shape": [2, 4, 4]"#, #""shape": [2, 0, 4]"#, "inputs[1].shape[1]: 0, expected 1...65536"),
      (
        #""std": [0.5, 2]"#, #""std": [0.5, 0]"#,
        "inputs[0].std[1]: 0, expected a number of 1e-06...1000000.0"
      ),
      (
        #""std": [0.5, 2]"#, #""std": [0.5]"#,
        "inputs[0].std: expected an array of 2 numbers, one per channel"
      ),
      (#", "std": [0.5, 2]"#, "", "inputs[0]: 'mean' and 'std' go together; give both or neither"),
      (
        #""inputs": ["conv"]"#, #""inputs": "conv""#,
        "nodes[2].inputs: the string 'conv', expected an array of names"
      ),
      (#""inputs": ["conv"]"#, #""inputs": [2]"#, "nodes[2].inputs[0]: 2, expected a name"),
      (
        #""inputs": ["conv"]"#, #""inputs": []"#,
        "nodes[2].inputs: empty, expected an array of names"
      ),
      (
        #""inputs": ["conv"]"#, #""inputs": ["conv", "conv"]"#,
        "nodes[2].inputs: 2 values, batch_norm reads 1"
      ),
      (
        #""inputs": ["conv"]"#, #""inputs": ["cnov"]"#,
        "nodes[2].inputs[0]: 'cnov' is neither a node nor an input. Did you mean 'conv'?"
      ),
      (
        #""outputs": ["logits", "active"]"#, #""outputs": ["logits", "gone.away"]"#,
        "outputs[1]: 'gone.away' is neither a node nor an input"
      ),
      (
        #""outputs": ["logits", "active"]"#, #""outputs": ["logits", "logits"]"#,
        "outputs: a value is named twice"
      ),
      (
        #""name": "norm""#, #""name": "left""#,
        "nodes[2].name: 'left' is also the name of inputs[0]"
      ),
      (
        #""name": "norm""#, #""name": "a b""#,
        "nodes[2].name: 'a b', expected at most 255 of a-z, A-Z, 0-9, '_', '.', '-', '/', ':'"
      ),
      (
        #""weight": "d.adder""#, "",
        "nodes[13].parameters: 'weight' is missing (the name of a tensor [out, in] or "
          + "[out, in, 1, 1])"
      ),
      (
        #""weight": "d.adder""#, #""weight": 7"#,
        "nodes[13].parameters.weight: 7, expected a non-empty string"
      ),
      (#""op": "relu6", "#, "", "nodes[5].op: missing, expected a non-empty string"),
      (#""outputs""#, #""ouputs""#, "ouputs: unknown key. Did you mean 'outputs'?"),
    ])
  func refusesWrongValues(old: String, new: String, message: String) {
    let failure = GraphFileFixture.failure(replacing: old, with: new)
    #expect(failure.dropFirst().contains("g.json: \(message)"), "\(failure)")
    #expect(failure[0] == (message.contains("unsupported") ? "unsupported" : "malformed"))
  }

  @Test func `all unsupported things are listed in one run`() {
    let text = GraphFileFixture.text
      .replacing(#""op": "relu6""#, with: #""op": "mish""#)
      .replacing(#""op": "max_pool""#, with: #""op": "maxpool""#)
      .replacing(#""kernel": [2, 1],"#, with: #""kernel": [2, 1], "padding": [1, 0],"#)
    #expect(
      GraphFileFixture.failure(text) == [
        "unsupported",
        "g.json: nodes[5].op: unknown operation 'mish'; adderc supported-ops lists what there is",
        "g.json: nodes[6].op: unknown operation 'maxpool'. Did you mean 'max_pool'?",
      ])
  }

  @Test func `another schema version is unsupported`() {
    #expect(
      GraphFileFixture.failure(replacing: "adder-graph-1", with: "adder-graph-2") == [
        "unsupported", "g.json: schema: 'adder-graph-2', expected 'adder-graph-1'",
      ])
  }

  @Test func `a cycle is named node by node`() {
    let text = GraphFileFixture.text.replacing(
      #""name": "conv", "op": "adder2d", "inputs": ["left"]"#,
      with: #""name": "conv", "op": "adder2d", "inputs": ["clamp"]"#)
    #expect(
      GraphFileFixture.failure(text) == [
        "malformed", "g.json: nodes: a cycle, sum reads norm reads conv reads clamp reads sum",
      ])
    #expect(
      GraphFileFixture.failure(
        replacing: #""inputs": ["norm", "up"]"#, with: #""inputs": ["norm", "sum"]"#)
        == ["malformed", "g.json: nodes: a cycle, sum reads sum"])
  }

  @Test func `a chain of ten thousand nodes in reverse order is sorted, one more is refused`()
    throws
  {
    func text(_ count: Int) -> String {
      let nodes = (0..<count).reversed().map {
        #"{"name": "n\#($0)", "op": "relu", "inputs": ["n\#($0 - 1)"]}"#
      }.joined(separator: ",").replacing(#""n-1""#, with: #""image""#)
      return #"{"schema": "adder-graph-1", "name": "chain", "inputs": [{"name": "image", "#
        + #""shape": [1, 1, 1]}], "nodes": [\#(nodes)], "outputs": ["n\#(count - 1)"]}"#
    }
    let graph = try GraphFileFixture.load(text(10_000)).graph
    #expect(graph.nodes.map(\.name) == (0..<10_000).map { "n\($0)" })
    #expect(
      GraphFileFixture.failure(text(10_001))
        == ["malformed", "g.json: nodes: 10001 elements, expected an array of 1...10000 objects"])
  }

  @Test func `nodes no output depends on are left out with a warning, inputs refused`() throws {
    let text = GraphFileFixture.text.replacing(#"["logits", "active"]"#, with: #"["conv", "up"]"#)
    let network = try GraphFileFixture.load(text)
    #expect(network.graph.nodes.map(\.name) == ["conv", "grouped", "up"])
    #expect(
      network.warnings[0].hasPrefix("g.json: left out, because no output depends on them: 'norm'"))
    #expect(
      network.unusedTensors == [
        "n.weight", "n.bias", "n.running_mean", "n.running_var", "d.adder", "l.weight", "l.bias",
      ])
    #expect(
      GraphFileFixture.failure(replacing: #"["logits", "active"]"#, with: #"["norm"]"#)
        == ["malformed", "g.json: inputs[1]: no output depends on 'right'"])
  }

  @Test func `shapes that do not fit are refused with node and extents`() {
    #expect(
      GraphFileFixture.failure(replacing: #""factor": 2"#, with: #""factor": 1"#) == [
        "malformed",
        "g.json: two-branches: node 'sum' (add): inputs have the shapes 4x8x8 and 4x4x4, expected "
          + "equal ones",
      ])
  }

  @Test func `ceil_mode changes nothing where windows fit`() throws {
    let even = GraphFileFixture.text.replacing(
      #""count_include_pad": false"#, with: #""ceil_mode": true"#)
    #expect(try GraphFileFixture.load(even).graph == GraphFileFixture.load().graph)
  }

  @Test(
    "text that is no JSON object is refused with its place",
    arguments: [
      ("{\n  \"a\": NaN}", "line 2, column 8: expected a value"),
      ("{\"a\": 1, \"a\": 2}", "line 1, column 13: the key 'a' is here twice"),
      (
        String(repeating: " ", count: 1 << 22) + " ", "4194305 bytes, expected at most 4194304"
      ),
      ("[]", "the file: an array, expected an object"), ("3", "the file: 3, expected an object"),
    ])
  func refusesOtherText(text: String, message: String) {
    #expect(GraphFileFixture.failure(text) == ["malformed", "g.json: \(message)"])
  }

  @Test func `escapes are decoded`() throws {
    let text = GraphFileFixture.text.replacing("two-branches", with: #"\u0074wo\u002Dbranches"#)
    #expect(try GraphFileFixture.load(text).graph.name == "two-branches")
    var checkpoint = GraphFileFixture.checkpoint
    checkpoint["a.b"].name = "\u{1F600}\"/\n"
    let escaped = GraphFileFixture.text.replacing("a.b", with: #"\ud83d\uDE00\"\/\n"#)
    #expect(try GraphFileFixture.load(escaped, checkpoint).unusedTensors.isEmpty)
  }

  @Test func `what is marked as guessed is warned of`() throws {
    let text = GraphFileFixture.text
      .replacing(#""shape": [2, 4, 4]"#, with: #""shape": [2, 4, 4], "guess": "extents""#)
      .replacing(#""op": "relu6","#, with: #""op": "relu6", "guess": "which","#)
    let network = try GraphFileFixture.load(text)
    #expect(network.graph == (try GraphFileFixture.load().graph))
    #expect(
      network.warnings[0]
        == "g.json: marked as guessed: 'right', 'clamp'; compare each with the network's code, then "
        + "delete its \"guess\"")
  }

  @Test(
    "a guess is a text",
    arguments: [
      ("\"\"", "the string ''"), ("1", "1"), ("[\"a\"]", "an array"), ("null", "null"),
    ])
  func guesses(value: String, found: String) {
    #expect(
      GraphFileFixture.failure(
        replacing: #""op": "relu6","#, with: #""op": "relu6", "guess": \#(value),"#)
        == ["malformed", "g.json: nodes[5].guess: \(found), expected a non-empty string"])
  }
}
