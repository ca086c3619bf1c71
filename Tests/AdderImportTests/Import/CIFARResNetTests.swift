import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct CIFARResNetTests {
  // Counts of multiplications of the same networks as CNNs, with 1×1 downsampling convolutions:
  // 442,368 + n·6·3·… as He et al. 2016 count them, 40.8 M for ResNet-20.
  @Test(
    "every depth is matched by its keys and has the published structure",
    arguments: [
      (3, "resnet20", 40_813_184), (5, "resnet32", 69_124_736), (7, "resnet44", 97_436_288),
      (9, "resnet56", 125_747_840),
    ])
  func matchesEveryDepth(blocks: Int, name: String, taps: Int) throws {
    let network = try importGraph(
      from: .cifarResNet(blocks: blocks), fileName: "m.pth")
    #expect(network.architecture == name)
    #expect(network.graph.name == name)
    #expect(try network.graph.tapCount() == taps)
    #expect(network.graph.count("adder2d") == 6 * blocks + 2)
    #expect(network.graph.count("conv2d") == 2)
    #expect(network.graph.count("add") == 3 * blocks)
    #expect(network.graph.count("relu") == 1 + 6 * blocks)
    #expect(network.graph.count("batch_norm") == 1 + 6 * blocks + 2 + 1)
    #expect(try network.graph.outputText() == "10x1x1")
    #expect(network.unusedTensors.isEmpty)
    #expect(network.warnings.isEmpty)
  }

  @Test func `nodes carry the module paths of the checkpoint, in the order of execution`() throws {
    let graph = try importGraph(from: .cifarResNet(), fileName: "m.pth").graph
    #expect(
      graph.nodes.prefix(10).map(\.name) == [
        "conv1", "bn1", "relu", "layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1",
        "layer1.0.conv2", "layer1.0.bn2", "layer1.0.add", "layer1.0.relu",
      ])
    #expect(graph.nodes.suffix(3).map(\.name) == ["avgpool", "fc", "bn2"])
    #expect(graph["layer1.0.add"]?.inputs == ["layer1.0.bn2", "relu"])
    #expect(graph["layer2.0.add"]?.inputs == ["layer2.0.bn2", "layer2.0.downsample.1"])
    #expect(graph["layer2.0.downsample.0"]?.inputs == ["layer1.2.relu"])
    #expect(graph.inputs.map(\.name) == ["image"])
    #expect(graph.outputs == ["bn2"])
  }

  @Test func `strides, padding and the pool are those of the authors' code`() throws {
    let graph = try importGraph(from: .cifarResNet(), fileName: "m.pth").graph
    #expect(graph.window("conv1") == Window(kernel: 3, padding: 1))
    #expect(graph.window("layer1.0.conv1") == Window(kernel: 3, padding: 1))
    #expect(graph.window("layer2.0.conv1") == Window(kernel: 3, stride: 2, padding: 1))
    #expect(graph.window("layer2.0.conv2") == Window(kernel: 3, padding: 1))
    #expect(graph.window("layer2.1.conv1") == Window(kernel: 3, padding: 1))
    #expect(graph.window("layer3.0.conv1") == Window(kernel: 3, stride: 2, padding: 1))
    #expect(graph.window("layer3.0.downsample.0") == Window(kernel: 1, stride: 2))
    #expect(graph.window("avgpool") == Window(kernel: 8))
  }

  @Test func `what the checkpoint does not hold is listed`() throws {
    let network = try importGraph(from: .cifarResNet(), fileName: "m.pth")
    #expect(
      network.assumptions == [
        "architecture resnet20: matched by the names and shapes of all 110 tensors",
        "input 3x32x32: 3 channels from the shape of 'conv1', height and width as usual for "
          + "CIFAR-10; override with --input-shape",
        "normalization (byte/255 - mean)/std, mean [0.4914, 0.4822, 0.4465], std [0.2023, 0.1994, "
          + "0.201]: those of CIFAR-10; override with --mean and --std",
        "stride 1 (18 layers); 2 (layer2.0.conv1, layer2.0.downsample.0, layer3.0.conv1, "
          + "layer3.0.downsample.0)",
        "padding 1 for 3x3 (19 layers); 0 for 1x1 (layer2.0.downsample.0, "
          + "layer3.0.downsample.0, fc)",
        "pooling: avgpool average 8x8 stride 1",
        "batch norm epsilon 1e-05 (22 layers)",
      ])
  }

  @Test func `channels, classes and width come from the shapes`() throws {
    let network = try importGraph(
      from: .cifarResNet(channels: 1, classes: 7, width: 8), fileName: "m.pth")
    #expect(network.graph.inputs[0].shape == TensorShape(height: 28, width: 28, channels: 1))
    #expect(network.graph.inputs[0].normalization == Normalization(mean: [0.1307], std: [0.3081]))
    #expect(try network.graph.outputText() == "7x1x1")
    #expect(network.graph["avgpool"]?.operation == .globalAveragePool)
    #expect(
      network.warnings == [
        "assumed the mean and standard deviation of MNIST; a network trained on other images, such "
          + "as Fashion-MNIST (.2860, .3530), needs --mean and --std"
      ])
  }

  @Test func `another input size gets a global pool`() throws {
    var options = ImportOptions()
    options.inputShape = TensorShape(height: 64, width: 48, channels: 3)
    let network = try importGraph(from: .cifarResNet(), fileName: "m.pth", options: options)
    #expect(network.graph["avgpool"]?.operation == .globalAveragePool)
    #expect(try network.graph.outputText() == "10x1x1")
    #expect(network.assumptions.contains("input 3x64x48: as given"))
    #expect(network.assumptions.contains("pooling: avgpool average over the whole image"))
  }

  @Test func `a linear classifier without a final batch norm is read too`() throws {
    var checkpoint = Checkpoint.cifarResNet(classifier: [], finalNorm: false)
    checkpoint.add("fc.bias", [10])
    let graph = try importGraph(from: checkpoint, fileName: "m.pth").graph
    #expect(graph.outputs == ["fc"])
    guard case .linear(let layer)? = graph["fc"]?.operation else {
      Issue.record("fc is no linear layer")
      return
    }
    #expect(layer.bias == checkpoint["fc.bias"].values)
    #expect(layer.filters.values == checkpoint["fc.weight"].values)
    #expect(try graph.outputText() == "10x1x1")
  }

  @Test func `filters stored as [out, in, k·k] are the same network`() throws {
    let square = try importGraph(from: .cifarResNet(width: 4), fileName: "m.pth").graph
    var flat = Checkpoint.cifarResNet(width: 4, key: "pat")
    for tensor in Checkpoint.cifarResNet(width: 4).tensors where tensor.name.hasSuffix(".adder") {
      flat[tensor.name.replacing(".adder", with: ".pat")].values = tensor.values
    }
    #expect(flat["layer1.0.conv1.pat"].shape == [4, 4, 9])
    #expect(try importGraph(from: flat, fileName: "m.pth").graph == square)
  }

  @Test func `plain weights make the same network as a CNN, with a warning`() throws {
    let network = try importGraph(from: .cifarResNet(width: 4, key: "weight"), fileName: "m.pth")
    #expect(network.graph.count("conv2d") == 22)
    #expect(
      network.warnings == [
        "no adder layer: every weight is an ordinary one; if they are filters of adder layers, "
          + "rename them, such as --map '*conv*.weight=*conv*.adder'"
      ])
  }

  @Test func `biases of adder layers are named b`() throws {
    var checkpoint = Checkpoint.cifarResNet(width: 4)
    checkpoint.add("layer1.0.conv1.b", [4])
    checkpoint.add("conv1.bias", [4])
    let graph = try importGraph(from: checkpoint, fileName: "m.pth").graph
    guard case .adder2d(let layer)? = graph["layer1.0.conv1"]?.operation,
      case .conv2d(let stem)? = graph["conv1"]?.operation
    else {
      Issue.record("the layers are of another kind")
      return
    }
    #expect(layer.bias == checkpoint["layer1.0.conv1.b"].values)
    #expect(stem.bias == checkpoint["conv1.bias"].values)
  }
}
