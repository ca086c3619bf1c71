import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct KeyMapTests {
  private func load(
    _ checkpoint: Checkpoint, _ rules: [(pattern: String, replacement: String)]
  ) throws(CompileError) -> ImportedNetwork {
    try importGraph(
      from: checkpoint, fileName: "m.pth", options: ImportOptions(keyMap: rules))
  }

  private func failures(_ rules: [(pattern: String, replacement: String)]) -> [String] {
    failure { () throws(CompileError) in _ = try load(.cifarResNet(width: 1), rules) }
  }

  @Test func `wildcards carry over in order`() throws {
    let rules = [
      (pattern: "layer*.conv*.weight", replacement: "layer*.conv*.adder"),
      (pattern: "*.downsample.0.weight", replacement: "*.downsample.0.adder"),
    ]
    let network = try load(.cifarResNet(width: 2, key: "weight"), rules)
    #expect(network.graph.count("adder2d") == 20)
    #expect(network.graph == (try load(renamed, [])).graph)
  }

  private var renamed: Checkpoint {
    var checkpoint = Checkpoint.cifarResNet(width: 2, key: "weight")
    for index in checkpoint.tensors.indices {
      let name = checkpoint.tensors[index].name
      guard name.contains("conv") || name.contains("downsample.0"), name != "conv1.weight" else {
        continue
      }
      checkpoint.tensors[index].name = name.replacing(".weight", with: ".adder")
    }
    return checkpoint
  }

  @Test func `the first rule that matches a key decides`() throws {
    var checkpoint = Checkpoint.cifarResNet(width: 1)
    checkpoint["fc.weight"].name = "head.w"
    let network = try load(
      checkpoint,
      [(pattern: "head.w", replacement: "fc.weight"), (pattern: "*.w", replacement: "*.x")])
    #expect(network.architecture == "resnet20")
  }

  @Test func `a pattern that matches nothing is refused`() {
    #expect(
      failures([(pattern: "fc.wieght", replacement: "x"), (pattern: "con*2d.w", replacement: "*")])
        == [
          "usage", "--map fc.wieght=x: no key matches 'fc.wieght'. Did you mean 'fc.weight'?",
          "--map con*2d.w=*: no key matches 'con*2d.w'",
        ])
  }

  @Test func `two keys with one name are refused`() {
    #expect(
      failures([(pattern: "bn1.*", replacement: "bn1.weight")]).contains(
        "--map would name both 'bn1.weight' and 'bn1.bias' 'bn1.weight'"))
    #expect(
      failures([(pattern: "fc.weight", replacement: "conv1.weight")]) == [
        "usage", "--map would name both 'conv1.weight' and 'fc.weight' 'conv1.weight'",
      ])
  }

  @Test func `a replacement with more wildcards than its pattern is refused`() {
    #expect(
      failures([(pattern: "fc.*", replacement: "*.*")]) == [
        "usage", "--map fc.*=*.*: the replacement has 2 '*', the pattern 1",
      ])
  }
}
