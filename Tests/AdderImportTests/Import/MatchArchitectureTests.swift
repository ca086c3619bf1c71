import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct MatchArchitectureTests {
  private static let remedy =
    "m.pth: rename keys with --map PATTERN=NAME, or describe the network with --graph FILE.json"

  private func failures(_ checkpoint: Checkpoint, _ options: ImportOptions = .init()) -> [String] {
    failure { () throws(CompileError) in
      _ = try importGraph(from: checkpoint, fileName: "m.pth", options: options)
    }
  }

  @Test func `missing, misshapen and surplus tensors are listed at once`() {
    var checkpoint = Checkpoint.cifarResNet()
    checkpoint.remove("layer1.1.conv2.adder")
    checkpoint.remove("bn1.running_var")
    checkpoint.remove("layer3.0.conv1.adder")
    checkpoint.add("layer3.0.conv1.adder", [64, 16, 3, 3])
    checkpoint.add("auxiliary.weight", [3])
    #expect(
      failures(checkpoint) == [
        "malformed", "m.pth: looks like resnet20, but does not fit it:",
        "m.pth: tensor 'bn1.running_var' is missing",
        "m.pth: tensor 'layer1.1.conv2.adder' (or .adder, .pat, .weight) is missing",
        "m.pth: tensor 'layer3.0.conv1.adder': shape [64, 16, 3, 3], expected [any, 32, 3, 3] "
          + "(out, in, height, width)",
        "m.pth: tensor 'auxiliary.weight' has no place in resnet20", Self.remedy,
      ])
  }

  @Test func `single numbers outside any module do not hide the architecture`() throws {
    var checkpoint = Checkpoint.cifarResNet()
    checkpoint.add("best_acc1", [])
    checkpoint.add("n_averaged", [1])
    let network = try importGraph(from: checkpoint, fileName: "m.pth")
    #expect(network.architecture == "resnet20")
    #expect(network.warnings == ["1 tensor is not used: 'best_acc1'"])
  }

  @Test func `a block whose channels do not fit its shortcut is refused`() {
    var checkpoint = Checkpoint.cifarResNet()
    checkpoint.remove("layer2.1.conv2.adder")
    checkpoint.add("layer2.1.conv2.adder", [16, 32, 3, 3])
    #expect(
      failures(checkpoint)[2]
        == "m.pth: tensor 'layer2.1.conv2.adder': shape [16, 32, 3, 3], expected [32, 32, 3, 3] "
        + "(out, in, height, width)")
  }

  @Test func `a missing downsample layer is named`() {
    var checkpoint = Checkpoint.cifarResNet()
    checkpoint.tensors.removeAll { $0.name.contains("layer2.0.downsample") }
    #expect(
      failures(checkpoint)[2]
        == "m.pth: tensor 'layer2.0.downsample.0.adder' (or .adder, .pat, .weight) is missing")
  }

  @Test func `the nearest architecture explains why a deeper network is unknown`() {
    let messages = failures(.cifarResNet(blocks: 1))
    #expect(messages[0] == "unsupported")
    #expect(
      messages[1]
        == "m.pth: no known architecture (resnet20, resnet32, resnet44, resnet56, resnet18, "
        + "resnet34, resnet50, lenet5) has these 50 tensors; the nearest is resnet20, which shares "
        + "50:")
    #expect(messages[2].hasPrefix("m.pth: tensor 'layer1.1.conv1.adder'"))
    #expect(messages[6] == "m.pth: and 56 more missing tensors")
    #expect(messages.last == Self.remedy)
  }

  @Test func `a checkpoint of something else is unsupported`() {
    var checkpoint = Checkpoint.empty
    checkpoint.add("encoder.0.attention.query", [8, 8])
    #expect(
      failures(checkpoint) == [
        "unsupported",
        "m.pth: no key of its 1 tensors is of a known architecture (resnet20, resnet32, resnet44, "
          + "resnet56, resnet18, resnet34, resnet50, lenet5)", Self.remedy,
      ])
    #expect(failures(.empty)[0] == "unsupported")
  }

  @Test func `a named architecture that does not fit is malformed, with all findings`() {
    let messages = failures(.leNet5(), ImportOptions(architecture: "resnet20"))
    #expect(messages[0...1] == ["malformed", "m.pth: does not fit resnet20:"])
    // 22 layers, 22 norms of 4 vectors, less conv1, bn1 and bn2, and fc1 and fc2 have no place.
    #expect(messages.contains("m.pth: tensor 'fc.weight' (or .adder, .pat, .weight) is missing"))
    #expect(messages.contains("m.pth: tensor 'conv2.adder' has no place in resnet20"))
    #expect(messages.count > 100)
  }

  @Test func `a named architecture that fits is taken`() throws {
    let network = try importGraph(
      from: .cifarResNet(width: 4), fileName: "m.pth",
      options: ImportOptions(architecture: "resnet20"))
    #expect(
      network.assumptions[0]
        == "architecture resnet20: as given, and the names and shapes of all 110 tensors fit")
  }

  @Test func `a misspelt architecture gets a suggestion`() {
    #expect(
      failures(.cifarResNet(width: 1), ImportOptions(architecture: "resent20")) == [
        "usage",
        "unknown architecture 'resent20'; known are resnet20, resnet32, resnet44, resnet56, "
          + "resnet18, resnet34, resnet50, lenet5. Did you mean 'resnet20'?",
      ])
  }

  @Test func `an input shape with other channels than the first layer is refused`() {
    var options = ImportOptions()
    options.inputShape = TensorShape(height: 32, width: 32, channels: 1)
    #expect(
      failures(.cifarResNet(width: 1), options) == [
        "usage", "m.pth: --input-shape 1x32x32: 1 channels, but 'conv1' reads 3",
      ])
  }

  @Test func `channels without published statistics need mean and std`() throws {
    let checkpoint = Checkpoint.cifarResNet(channels: 2, width: 1)
    #expect(
      failures(checkpoint) == [
        "usage",
        "m.pth: no published mean and standard deviation for 2 input channels; give --mean and "
          + "--std with 2 values each",
      ])
    let options = ImportOptions(mean: [0.5, 0.25], std: [1, 0.5])
    let network = try importGraph(from: checkpoint, fileName: "m.pth", options: options)
    #expect(
      network.graph.inputs[0].normalization == Normalization(mean: [0.5, 0.25], std: [1, 0.5]))
    #expect(
      failures(.cifarResNet(width: 1), options) == [
        "usage", "m.pth: --mean and --std have 2 values, the input 3 channels",
      ])
  }

  @Test func `hostile shapes end in findings`() {
    for shape in [[], [0], [Int.max, Int.max, 3, 3], [-1, 3, 3, 3], [16, Int.max, 3, 3]] {
      var checkpoint = Checkpoint.cifarResNet(width: 1)
      checkpoint["conv1.weight"].shape = shape
      #expect(["malformed", "usage"].contains(failures(checkpoint)[0]))
      checkpoint = .leNet5()
      checkpoint["conv2.adder"].shape = shape
      #expect(failures(checkpoint)[0] == "malformed")
    }
  }

  @Test func `every architecture is described`() {
    #expect(
      architectures().map(\.name) == [
        "resnet20", "resnet32", "resnet44", "resnet56", "resnet18", "resnet34", "resnet50",
        "lenet5",
      ])
    #expect(architectures().allSatisfy { !$0.summary.isEmpty && $0.keys.contains("conv1") })
  }
}
