import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct LeNet5Tests {
  @Test func `an adder LeNet-5 with batch norm is matched`() throws {
    let network = try importGraph(from: .leNet5(), fileName: "m.pt")
    let graph = network.graph
    #expect(network.architecture == "lenet5")
    #expect(
      graph.nodes.map(\.name) == [
        "conv1", "bn1", "relu1", "pool1", "conv2", "bn2", "relu2", "pool2", "conv3", "bn3", "relu3",
        "fc1", "bn4", "relu4", "fc2", "bn5",
      ])
    #expect(graph.count("adder2d") == 5)
    #expect(graph.window("conv1") == Window(kernel: 5, padding: 2))
    #expect(graph.window("pool2") == Window(kernel: 2, stride: 2))
    // 28²·6·25 + 10²·16·6·25 + 120·400 + 84·120 + 10·84
    #expect(try graph.tapCount() == 117_600 + 240_000 + 48_000 + 10_080 + 840)
    #expect(try graph.outputText() == "10x1x1")
    #expect(network.warnings.count == 1)
  }

  @Test func `images of 32x32 need no padding`() throws {
    var options = ImportOptions(mean: [0.286], std: [0.353])
    options.inputShape = TensorShape(height: 32, width: 32, channels: 1)
    let network = try importGraph(from: .leNet5(), fileName: "m.pt", options: options)
    #expect(network.graph.window("conv1") == Window(kernel: 5))
    #expect(network.graph.inputs[0].normalization == Normalization(mean: [0.286], std: [0.353]))
    #expect(try network.graph.outputText() == "10x1x1")
    #expect(network.warnings.isEmpty)
  }

  @Test func `linear layers after a flatten make the same network without batch norm`() throws {
    var checkpoint = Checkpoint.empty
    checkpoint.add("conv1.adder", [6, 3, 5, 5])
    checkpoint.add("conv2.adder", [16, 6, 5, 5])
    checkpoint.add("fc1.adder", [120, 400])
    checkpoint.add("fc1.b", [120])
    checkpoint.add("fc2.weight", [84, 120])
    checkpoint.add("fc3.weight", [10, 84])
    checkpoint.add("fc3.bias", [10])
    let graph = try importGraph(from: checkpoint, fileName: "m.pt").graph
    #expect(
      graph.nodes.map(\.name) == [
        "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc1", "relu3", "fc2",
        "relu4", "fc3",
      ])
    #expect(graph.inputs[0].shape == TensorShape(height: 32, width: 32, channels: 3))
    #expect(graph.count("adder_linear") == 1)
    #expect(graph.count("linear") == 2)
    #expect(try graph.outputText() == "10x1x1")
  }

  @Test func `other image sizes are refused`() {
    var options = ImportOptions()
    options.inputShape = TensorShape(height: 30, width: 30, channels: 1)
    #expect(
      failure { () throws(CompileError) in
        _ = try importGraph(from: .leNet5(), fileName: "m.pt", options: options)
      } == ["usage", "m.pt: lenet5 takes images of 28x28 or 32x32, not 30x30"])
  }
}
