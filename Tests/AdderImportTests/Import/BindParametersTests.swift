import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct BindParametersTests {
  private func failures(_ change: (inout Checkpoint) -> Void) -> [String] {
    var checkpoint = GraphFileFixture.checkpoint
    change(&checkpoint)
    return failure { () throws(CompileError) in
      _ = try GraphFileFixture.load(GraphFileFixture.text, checkpoint)
    }
  }

  @Test func `filters and kernels that a node says must be those of its weight`() throws {
    func load(_ attributes: String) throws(CompileError) {
      let text = GraphFileFixture.text.replacing(
        "\"op\": \"conv2d\",", with: "\"op\": \"conv2d\", \(attributes),")
      _ = try GraphFileFixture.load(text, GraphFileFixture.checkpoint)
    }
    try load("\"filters\": 4, \"kernel\": 3")
    #expect(
      failure { () throws(CompileError) in try load("\"filters\": 5") } == [
        "malformed",
        "m.pth: tensor 'g.weight' of node 'grouped' (conv2d): shape [4, 1, 3, 3], expected 5 "
          + "filters, as the node says",
      ])
    #expect(
      failure { () throws(CompileError) in try load("\"kernel\": [3, 2]") } == [
        "malformed",
        "m.pth: tensor 'g.weight' of node 'grouped' (conv2d): shape [4, 1, 3, 3], expected a "
          + "kernel of [3, 2], as the node says",
      ])
  }

  @Test func `missing tensors are listed with the nearest key`() {
    let messages = failures {
      $0["a.adder"].name = "a.addr"
      $0.remove("l.bias")
    }
    #expect(
      messages == [
        "malformed",
        "m.pth: node 'conv' (adder2d): no tensor 'a.adder' for 'weight'. Did you mean 'a.addr'?",
        "m.pth: node 'logits' (linear): no tensor 'l.bias' for 'bias'. Did you mean 'n.bias'?",
      ])
  }

  @Test(
    "a tensor of another shape is refused with the shape expected",
    arguments: [
      (
        "a.adder", [8, 9],
        "node 'conv' (adder2d): shape [8, 9], expected [out, in, height, width] or [out, in, k·k]"
      ),
      (
        "a.adder", [4, 1, 18],
        "node 'conv' (adder2d): shape [4, 1, 18], expected [out, in, height, width] or [out, in, k·k]"
      ),
      (
        "g.weight", [4, 1, 9],
        "node 'grouped' (conv2d): shape [4, 1, 9], expected [out, in, height, width]"
      ),
      (
        "d.adder", [5, 2, 2, 2],
        "node 'dense' (adder_linear): shape [5, 2, 2, 2], expected [out, in] or [out, in, 1, 1]"
      ),
      ("a.b", [2, 2], "node 'conv' (adder2d): shape [2, 2], expected [4]"),
      ("n.running_mean", [2, 2], "node 'norm' (batch_norm): shape [2, 2], expected [channels]"),
      ("n.bias", [1, 4], "node 'norm' (batch_norm): shape [1, 4], expected [4]"),
      (
        "l.bias", [4],
        "node 'logits' (linear): shape [4], expected positive extents that fit its 3 values"
      ),
      (
        "l.bias", [-3, -1],
        "node 'logits' (linear): shape [-3, -1], expected positive extents that fit its 3 values"
      ),
      (
        "l.bias", [.max, .max],
        "node 'logits' (linear): shape [9223372036854775807, 9223372036854775807], expected "
          + "positive extents that fit its 3 values"
      ),
    ])
  func refusesShapes(name: String, shape: [Int], message: String) {
    let messages = failures { $0[name].shape = shape }
    #expect(messages == ["malformed", "m.pth: tensor '\(name)' of \(message)"])
  }

  @Test func `values that are not finite and variances below zero are refused`() {
    let messages = failures {
      $0["a.adder"].values[5] = .nan
      $0["n.running_var"].values[1] = -1
      $0["l.weight"].values[0] = .infinity
    }
    #expect(
      messages == [
        "malformed", "m.pth: tensor 'a.adder' of node 'conv': a value that is NaN or infinite",
        "m.pth: tensor 'n.running_var' of node 'norm': a variance plus epsilon 0.001 that is not "
          + "positive",
        "m.pth: tensor 'l.weight' of node 'logits': a value that is NaN or infinite",
      ])
  }

  @Test func `batch norm without weight and bias scales by 1 and adds 0`() throws {
    let text = GraphFileFixture.text.replacing(
      #""weight": "n.weight", "bias": "n.bias", "running_mean""#, with: #""running_mean""#)
    guard case .batchNorm(let norm)? = try GraphFileFixture.load(text).graph["norm"]?.operation
    else {
      Issue.record("norm is no batch norm")
      return
    }
    #expect(norm.gamma == [1, 1, 1, 1])
    #expect(norm.beta == [0, 0, 0, 0])
  }

  private func affine(_ parameters: String, _ checkpoint: Checkpoint) throws(CompileError)
    -> GraphOperation?
  {
    let text = """
      {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", "shape": [3, 2, 2]}],
       "nodes": [{"name": "a", "op": "affine", "inputs": ["i"], "parameters": {\(parameters)}}],
       "outputs": ["a"]}
      """
    return try GraphFileFixture.load(text, checkpoint).graph["a"]?.operation
  }

  @Test
  func `an affine map takes constants of either shape, and ones and zeros for those it lacks`()
    throws
  {
    var checkpoint = Checkpoint.empty
    checkpoint.add("scale", [1, 3, 1, 1])
    checkpoint.add("shift", [3])
    let (scale, shift) = (checkpoint["scale"].values, checkpoint["shift"].values)
    func map(_ slope: [Float], _ bias: [Float]) -> GraphOperation {
      .affine(ChannelAffine(slope: slope, centre: [0, 0, 0], bias: bias), nil)
    }
    #expect(
      try affine(#""weight": "scale", "bias": "shift""#, checkpoint) == map(scale, shift))
    #expect(try affine(#""weight": "scale""#, checkpoint) == map(scale, [0, 0, 0]))
    #expect(try affine(#""bias": "shift""#, checkpoint) == map([1, 1, 1], shift))
  }

  @Test func `an affine map without constants or of other channels is refused`() {
    var checkpoint = Checkpoint.empty
    checkpoint.add("scale", [3, 3])
    checkpoint.add("shift", [2])
    checkpoint.add("three", [3])
    func failures(_ parameters: String) -> [String] {
      failure { () throws(CompileError) in _ = try affine(parameters, checkpoint) }
    }
    #expect(
      failures("") == [
        "malformed",
        "g.json: nodes[0].parameters: neither 'weight' nor 'bias', expected the name of a tensor "
          + "[channels] for one of them; leave the node out if it has none",
      ])
    #expect(
      failures(#""weight": "scale", "bias": "none""#) == [
        "malformed",
        "m.pth: tensor 'scale' of node 'a' (affine): shape [3, 3], expected [channels], "
          + "[channels, 1, 1] or [1, channels, 1, 1]",
        "m.pth: node 'a' (affine): no tensor 'none' for 'bias'",
      ])
    #expect(
      failures(#""weight": "three", "bias": "shift""#) == [
        "malformed",
        "m.pth: node 'a' (affine): 'weight' has 3 values and 'bias' 2, expected one of each per "
          + "channel",
      ])
    #expect(
      failures(#""bias": "shift""#) == [
        "malformed",
        "g.json: n: node 'a' (affine): input has 3 channels, parameters are for 2",
      ])
  }
}
