import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

@Suite struct SkeletonTests {
  private func skeleton(
    _ checkpoint: Checkpoint, _ options: ImportOptions = .init()
  ) throws(CompileError) -> Skeleton {
    try AdderCompiler.skeleton(of: checkpoint, fileName: "dir/net.pth", options: options)
  }

  private func imported(_ text: String, _ checkpoint: Checkpoint) throws -> ImportedNetwork {
    try importGraph(
      from: checkpoint, fileName: "net.pth",
      options: ImportOptions(graphFile: (name: "g.json", bytes: Data(text.utf8))))
  }

  @Test func `a plain chain is written with its guesses and imports as it is`() throws {
    var checkpoint = Checkpoint.empty
    checkpoint.add("first.adder", [8, 3, 3, 3])
    checkpoint.addBatchNorm("first_norm", 8)
    checkpoint.add("second.weight", [16, 8, 3, 3])
    checkpoint.add("second.bias", [16])
    checkpoint.add("dense.weight", [10, 16])
    checkpoint.add("dense.bias", [10])
    let skeleton = try skeleton(checkpoint)
    #expect(
      skeleton.text == """
        {
          "schema": "adder-graph-1",
          "name": "net",
          "inputs": [
            {"name": "image", "shape": [3, 32, 32], "guess": "extents, mean and std"}
          ],
          "nodes": [
            {"name": "first", "op": "adder2d", "inputs": ["image"], "padding": 1, "parameters": \
        {"weight": "first.adder"}, "guess": "stride and padding"},
            {"name": "first_norm", "op": "batch_norm", "inputs": ["first"], "parameters": \
        {"weight": "first_norm.weight", "bias": "first_norm.bias", "running_mean": \
        "first_norm.running_mean", "running_var": "first_norm.running_var"}},
            {"name": "first.relu", "op": "relu", "inputs": ["first_norm"], "guess": \
        "which activation, if any"},
            {"name": "second", "op": "conv2d", "inputs": ["first.relu"], "stride": 2, "padding": 1, \
        "parameters": {"weight": "second.weight", "bias": "second.bias"}, "guess": \
        "stride and padding"},
            {"name": "second.relu", "op": "relu", "inputs": ["second"], "guess": \
        "which activation, if any"},
            {"name": "dense.mean", "op": "global_average_pool", "inputs": ["second.relu"], "guess": \
        "which pool, if any"},
            {"name": "dense", "op": "linear", "inputs": ["dense.mean"], "parameters": \
        {"weight": "dense.weight", "bias": "dense.bias"}}
          ],
          "outputs": ["dense"]
        }

        """)
    #expect(
      skeleton.notes == [
        "3 layers in the order of the file; what no tensor tells is said by 6 of its values as "
          + "\"guess\": compare with the network's code, and delete each that is right"
      ])
    let network = try imported(skeleton.text, checkpoint)
    #expect(network.unusedTensors.isEmpty)
    #expect(
      network.warnings == [
        "g.json: marked as guessed: 'image', 'first', 'first.relu', 'second', 'second.relu', "
          + "'dense.mean'; compare each with the network's code, then delete its \"guess\""
      ])
  }

  /// Convolutions of 3 × 3 with batch norm, as VGG nets have them, and a linear layer.
  private func chain(_ filters: [Int], dense: [Int], kernel: Int = 3, channels: Int = 3)
    -> Checkpoint
  {
    var checkpoint = Checkpoint.empty
    var inputs = channels
    for (index, count) in filters.enumerated() {
      checkpoint.add("features.\(2 * index).adder", [count, inputs, kernel, kernel])
      checkpoint.addBatchNorm("features.\(2 * index + 1)", count)
      inputs = count
    }
    checkpoint.add("classifier.weight", dense)
    return checkpoint
  }

  @Test(
    "extents shrink so that the linear layer fits",
    arguments: [
      ([8, 8, 16, 16, 32, 32], [10, 512], 3, 3, 32, ["max_pool", "max_pool", "max_pool"]),
      ([6, 16], [10, 400], 5, 1, 28, ["max_pool", "max_pool"]),
      ([6, 16], [10, 400], 5, 3, 32, ["max_pool", "max_pool"]),
      ([4, 4], [10, 4096], 3, 3, 32, []),
      ([4, 8], [10, 72], 3, 3, 32, ["average_pool"]),
      ([4, 8], [10, 8], 3, 3, 32, ["global_average_pool"]),
    ])
  func shrinking(
    filters: [Int], dense: [Int], kernel: Int, channels: Int, extent: Int, pools: [String]
  ) throws {
    let checkpoint = chain(filters, dense: dense, kernel: kernel, channels: channels)
    let network = try imported(try skeleton(checkpoint).text, checkpoint)
    #expect(
      network.graph.inputs[0].shape
        == TensorShape(height: extent, width: extent, channels: channels))
    #expect(network.graph.nodes.map(\.operation.name).filter { $0.hasSuffix("pool") } == pools)
    #expect(try network.graph.inferShapes()["classifier"]?.text == "10x1x1")
    #expect(network.unusedTensors.isEmpty)
  }

  @Test func `the options take the place of guesses`() throws {
    let checkpoint = chain([4, 8], dense: [10, 8])
    let text = try skeleton(
      checkpoint,
      ImportOptions(
        mean: [0.5, 0.25, 0.125], std: [0.5, 0.5, 1],
        inputShape: TensorShape(height: 20, width: 30, channels: 3))
    ).text
    #expect(
      text.contains(
        "{\"name\": \"image\", \"shape\": [3, 20, 30], \"mean\": [0.5, 0.25, 0.125], "
          + "\"std\": [0.5, 0.5, 1.0]}"))
    _ = try imported(text, checkpoint)
    #expect(
      failure { () throws(CompileError) in
        _ = try skeleton(checkpoint, ImportOptions(mean: [0.5], std: [0.5]))
      } == [
        "usage", "dir/net.pth: --mean and --std have 1 values, the first layer reads 3 channels",
      ])
  }

  @Test func `norms behind all layers go to the layer of their number or channels`() throws {
    var checkpoint = Checkpoint.empty
    for number in 1...3 { checkpoint.add("conv\(number).adder", [8, number == 1 ? 3 : 8, 3, 3]) }
    for number in 1...3 { checkpoint.addBatchNorm("bn\(number)", 8) }
    let network = try imported(try skeleton(checkpoint).text, checkpoint)
    for number in 1...3 { #expect(network.graph["bn\(number)"]?.inputs == ["conv\(number)"]) }
    #expect(network.unusedTensors.isEmpty)
  }

  @Test func `a shortcut is added, and modules that keep their shape are candidates`() throws {
    var checkpoint = Checkpoint.cifarResNet(blocks: 1)
    // So that it is no known architecture.
    for index in checkpoint.tensors.indices {
      checkpoint.tensors[index].name.replace(/^conv1/, with: "stem")
    }
    let skeleton = try skeleton(checkpoint)
    let added = #"{"name": "layer1.0.add", "op": "add", "inputs": ["layer1.0.bn2", "stem.relu"]}"#
    let candidates = skeleton.notes.filter { $0.hasPrefix("residual candidate") }
    #expect(candidates.count == 1)
    #expect(candidates[0].contains("'layer1.0' keeps the shape 16x32x32"))
    #expect(candidates[0].contains(added))
    // As the note says.
    let text = skeleton.text
      .replacing(#""inputs": ["layer1.0.bn2"]"#, with: #""inputs": ["layer1.0.add"]"#)
      .replacing("\n  ],\n  \"outputs\"", with: ",\n    \(added)\n  ],\n  \"outputs\"")
    let network = try imported(text, checkpoint).graph
    let known = try importGraph(
      from: .cifarResNet(blocks: 3), fileName: "m.pth"
    ).graph
    #expect(network.count("add") == 3)
    let shapes = try network.inferShapes()
    let knownShapes = try known.inferShapes()
    for name in [
      "layer1.0.conv2", "layer2.0.conv1", "layer2.0.downsample.0", "layer3.0.conv2", "fc",
    ] {
      #expect(shapes[name] == knownShapes[name], "\(name)")
      #expect(network.window(name) == known.window(name), "\(name)")
    }
  }

  @Test func `groups, branches and what fits nowhere are told`() throws {
    var checkpoint = Checkpoint.empty
    checkpoint.add("a.weight", [8, 3, 3, 3])
    checkpoint.add("depthwise.weight", [8, 1, 3, 3])
    checkpoint.add("grouped.weight", [16, 4, 3, 3])
    checkpoint.add("scale.weight", [16])
    checkpoint.add("scale.bias", [16])
    checkpoint.add("head.weight", [5, 16, 1, 1])
    checkpoint.add("other.weight", [6, 16, 3, 3])
    checkpoint.add("lone", [7])
    checkpoint.add("volume.weight", [2, 2, 2, 2, 2])
    let skeleton = try skeleton(checkpoint)
    let network = try imported(skeleton.text, checkpoint)
    guard case .conv2d(let depthwise)? = network.graph["depthwise"]?.operation,
      case .conv2d(let grouped)? = network.graph["grouped"]?.operation
    else {
      Issue.record("the layers are of another kind")
      return
    }
    #expect(depthwise.groups == 8 && grouped.groups == 2)
    #expect(network.graph["scale"]?.inputs == ["grouped"])
    #expect(network.graph["other"]?.inputs == ["grouped.relu"])
    #expect(network.graph.outputs == ["head", "other"])
    #expect(
      skeleton.notes.dropFirst() == [
        "not placed: 'lone' [7], which may be the 'weight' or 'bias' of an 'affine' node",
        "not placed: 'volume.weight' [2, 2, 2, 2, 2]",
      ])
  }

  @Test func `a skeleton that does not import yet says why`() throws {
    var checkpoint = Checkpoint.empty
    checkpoint.add("a.weight", [8, 3, 3, 3])
    checkpoint.add("b.weight", [8, 9, 3, 3])
    let notes = try skeleton(checkpoint).notes
    #expect(
      notes.dropFirst() == [
        "'b' reads 9 channels, and no value before it has them", "to be mended before it compiles:",
        "the skeleton: net: node 'b' (conv2d): input has 8 channels, filters expect 9",
      ])
  }

  @Test func `a known network and a stored graph are written as they are`() throws {
    let lenet = Checkpoint.leNet5()
    let known = try skeleton(lenet)
    #expect(known.text == graphFile(for: try importGraph(from: lenet, fileName: "m.pth")))
    #expect(
      known.notes[0]
        == "the tensors are those of lenet5, whose graph this is; 'adderc compile' needs no graph "
        + "file for it")
    var stored = GraphFileFixture.checkpoint
    stored.metadata["adder.graph"] = GraphFileFixture.text
    let written = try skeleton(stored)
    #expect(try imported(written.text, stored).graph.nodes.count == 15)
    #expect(
      written.notes[0]
        == "dir/net.pth holds this graph itself, and 'adderc compile' takes it from there")
  }

  @Test func `weights in parts are folded first`() throws {
    var checkpoint = Checkpoint.empty
    checkpoint.add("a.weight_g", [8, 1, 1, 1])
    checkpoint.add("a.weight_v", [8, 3, 3, 3])
    let skeleton = try skeleton(
      checkpoint, ImportOptions(keyMap: [(pattern: "*.weight", replacement: "*.adder")]))
    #expect(skeleton.notes[0] == "folded the weight norm g·v/‖v‖ of 1 weight: 'a.weight'")
    #expect(skeleton.text.contains(#""op": "adder2d""#))
    #expect(skeleton.text.contains(#"{"weight": "a.adder"}"#))
    checkpoint.remove("a.weight_g")
    #expect(
      failure { () throws(CompileError) in _ = try self.skeleton(checkpoint) }[1]
        .hasPrefix("dir/net.pth: 'a.weight_v': gain and direction of a weight-normalized layer "))
  }

  @Test func `hostile names and shapes make a graph file that is read`() throws {
    var checkpoint = Checkpoint.empty
    let names = [
      "a b.weight", "a_b.weight", "a\u{301}.weight", "\".weight", "..weight", ".weight", "weight",
      String(repeating: "x", count: 900) + ".weight",
      String(repeating: "x", count: 901) + ".weight",
      "a.b.relu.weight", "image.weight",
    ]
    for name in names { checkpoint.add(name, [3, 3, 3, 3]) }
    checkpoint.tensors.append(
      .init(name: "e.weight", shape: [1 << 40, 0, 3, 3], storedType: .float32, values: []))
    checkpoint.add("n.running_mean", [3])
    let skeleton = try skeleton(checkpoint)
    let network = try imported(skeleton.text, checkpoint)
    #expect(network.graph.count("conv2d") == names.count)
    #expect(network.unusedTensors == ["e.weight", "n.running_mean"])
    #expect(skeleton.notes.contains { $0.hasPrefix("not placed: 'e.weight'") })
  }

  @Test func `no layers, too many and an image out of range are refused`() {
    var checkpoint = Checkpoint.empty
    checkpoint.add("scale", [4])
    func refusal(_ checkpoint: Checkpoint) -> [String] {
      failure { () throws(CompileError) in _ = try skeleton(checkpoint) }
    }
    #expect(
      refusal(checkpoint) == [
        "unsupported",
        "dir/net.pth: none of its 1 tensors can be the filters of a layer, which have 2 or 4 "
          + "dimensions; 'adderc inspect --tensors' lists them",
      ])
    checkpoint = .empty
    for index in 0..<3334 { checkpoint.add("l\(index).weight", [1, 1]) }
    #expect(
      refusal(checkpoint) == [
        "unsupported", "dir/net.pth: 3334 layers, at most 3333 fit in a skeleton",
      ])
    checkpoint = .empty
    let name = String(repeating: "x", count: 1000)
    for index in 0..<3333 { checkpoint.add("\(name)\(index).weight", [1, 1]) }
    #expect(
      refusal(checkpoint).last?.hasSuffix(
        "bytes, a graph file at most 4194304; shorten names with --map") == true)
    checkpoint = .empty
    checkpoint.add("l.weight", [1, 65_537])
    #expect(
      refusal(checkpoint) == [
        "unsupported",
        "dir/net.pth: its first layer 'l' reads 65537x1x1, expected extents of 1...65536",
      ])
  }

  @Test func `many layers take little time`() throws {
    var checkpoint = Checkpoint.empty
    for index in 0..<1600 { checkpoint.add("b.c\(index % 7).l\(index).weight", [2, 2, 3, 3]) }
    for index in 0..<1600 { checkpoint.addBatchNorm("n\(index)", 2) }
    let start = ContinuousClock.now
    let skeleton = try skeleton(checkpoint)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(try imported(skeleton.text, checkpoint).graph.count("batch_norm") == 1600)
  }
}
