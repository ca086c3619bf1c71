import AdderCompiler
import AdderCompilerTestSupport
import AdderModel
import Testing

/// What the integers of outputs must be.
@Suite struct DetectionOutputTests {
  @Test(
    "outputs that are no integers of 32 bits are refused with what keeps them from it",
    arguments: [
      (
        #"{"name": "more", "op": "conv2d", "inputs": ["ac"], "parameters": {"weight": "m.weight"}}"#,
        "more", "ac", "is read by 'more', too"
      ),
      (
        #"{"name": "more", "op": "add", "inputs": ["ac", "other"]},"#
          + #"{"name": "other", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "c.weight"}}"#,
        "ac", "more", "is a sum, whose operands and result are 16-bit integers"
      ),
      (
        #"{"name": "more", "op": "max_pool", "inputs": ["ac"], "kernel": 1}"#, "ac", "more",
        "is made of the integers of 'ac' by max_pool"
      ),
    ])
  func refusesNarrowOutputs(nodes: String, other: String, classes: String, reason: String) {
    var network = DetectorNetwork(
      #"{"strides": [8, 16], "outputs": [[0, 1, 2], [3, 4, 5]]}"#)
    network.checkpoint.add("m.weight", [1, 3, 1, 1])
    network.replace(#""nodes": ["#, with: #""nodes": [\#(nodes), "#)
    network.replace(
      #"["ac", "ar","#, with: #"["\#(classes)", "ar","#)
    network.replace(#""br", "bq"]"#, with: #""br", "bq", "\#(other)"]"#)
    #expect(
      network.failure() == [
        "unsupported",
        "d.json: classes, output 0 '\(classes)', \(reason), so that it is not a 32-bit integer as "
          + "boxes are computed from; let a layer of its own compute it" + detectionRemedy,
      ])
  }

  @Test func `outputs beyond any shift are refused, and say what they are`() {
    var large = DetectorNetwork()
    large.checkpoint["c.weight"].values = [Float](repeating: 1e12, count: 12)
    let found = large.failure()
    #expect(found.first == "unsupported")
    #expect(
      found.dropFirst().allSatisfy {
        $0.hasPrefix("d.json: output ")
          && $0.contains("expected 2^-46 to 2^7: its numbers are far ")
      }, "\(found)")
    #expect(found.count == 3)

    // Zeros have steps of 2^-37, and units of the image here are 2^-3.
    var small = DetectorNetwork(#"{"strides": [1]}"#)
    small.replace("[1, 16, 24]", with: "[1, 1, 4096]")
    small.replace(#""stride": 8, "#, with: "")
    small.replace(#", "bc", "br", "bq"]"#, with: "]")
    small.checkpoint["d.weight"].values = [Float](repeating: 0, count: 16)
    let message =
      "d.json: output 1 'ar' is in steps of 2^-37, expected 2^-33 to 2^20: its numbers are hardly "
      + "ever other than 0; is the network trained, and were the images those of its training?"
    #expect(small.failure() == ["unsupported", message + detectionRemedy])
  }

  @Test func `scales that are given must be those of a detector's outputs`() throws {
    var network = DetectorNetwork()
    let model = try Model(network.compiled().bytes)
    func scales(_ factor: Double) -> GivenScales {
      let values = zip(model.tensors, model.elementBounds()).map { tensor, bounds in
        (
          tensor.name,
          ValueQuantization(
            elementType: tensor.elementType,
            scale: Double(tensor.quantization.scale) * (tensor.name == "aq" ? factor : 1),
            zeroPoint: Int(tensor.quantization.zeroPoint), bounds: bounds)
        )
      }
      return GivenScales(
        source: "s.adb", values: Dictionary(uniqueKeysWithValues: values), conversions: [:])
    }
    let same = scales(1)
    network.change = { $0.quantization.scales = same }
    #expect(try Model(network.compiled().bytes).detection == model.detection)
    let other = scales(0.75)
    network.change = { $0.quantization.scales = other }
    let found = network.failure()
    #expect(found.first == "usage")
    #expect(found.last?.hasPrefix("d.json: output 2 'aq' has the scale ") ?? false, "\(found)")
    #expect(found.last?.hasSuffix("; compile without --scales-from") ?? false)
  }
}
