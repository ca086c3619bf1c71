import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct ImageNetResNetTests {
  // Multiply-accumulates and parameters of torchvision's networks of these names.
  @Test(
    "every depth is matched by its keys and has the published size",
    arguments: [
      ("resnet18", [2, 2, 2, 2], 1, 1_814_073_344), ("resnet34", [3, 4, 6, 3], 1, 3_663_761_408),
      ("resnet50", [3, 4, 6, 3], 4, 4_089_184_256),
    ])
  func matchesEveryDepth(name: String, blocks: [Int], expansion: Int, taps: Int) throws {
    let network = try importGraph(
      from: .imageNetResNet(blocks: blocks, expansion: expansion), fileName: "m.pth")
    #expect(network.architecture == name)
    #expect(try network.graph.tapCount() == taps)
    #expect(network.graph.count("add") == blocks.reduce(0, +))
    #expect(try network.graph.outputText() == "1000x1x1")
    #expect(network.unusedTensors.isEmpty)
  }

  @Test func `the frame is that of the authors' code`() throws {
    let network = try importGraph(
      from: .imageNetResNet(blocks: [3, 4, 6, 3], expansion: 4, width: 4, classes: 5),
      fileName: "m.pth")
    let graph = network.graph
    let shapes = try graph.inferShapes()
    #expect(graph.window("conv1") == Window(kernel: 7, stride: 2, padding: 3))
    #expect(graph.window("maxpool") == Window(kernel: 3, stride: 2, padding: 1))
    #expect(graph.window("layer1.0.downsample.0") == Window(kernel: 1))
    // The stride is in the 3×3 layer, not in the first 1×1 layer.
    #expect(graph.window("layer2.0.conv1") == Window(kernel: 1))
    #expect(graph.window("layer2.0.conv2") == Window(kernel: 3, stride: 2, padding: 1))
    #expect(graph.window("layer2.0.conv3") == Window(kernel: 1))
    #expect(shapes["maxpool"] == TensorShape(height: 56, width: 56, channels: 4))
    #expect(shapes["layer4.2.relu"] == TensorShape(height: 7, width: 7, channels: 128))
    #expect(graph["avgpool"]?.operation == .globalAveragePool)
    #expect(graph.inputs[0].normalization.std == [0.229, 0.224, 0.225])
    #expect(graph.inputs[0].normalization.mean == [0.485, 0.456, 0.406])
    guard case .conv2d(let classifier)? = graph["fc"]?.operation else {
      Issue.record("fc is no convolution")
      return
    }
    #expect(classifier.bias?.count == 5)
  }
}
