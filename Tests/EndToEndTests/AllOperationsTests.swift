import AdderTestSupport
import CommandLineSupport
import Testing

/// The whole way from tensors and a graph file to integers.
@Suite struct AllOperationsTests {
  // Twice what was measured when this was written, in units of outputs whose deviation is about 3.
  @Test(
    "agrees with the float network at every width", arguments: [(4, 0.6), (8, 0.2), (16, 0.002)])
  func agrees(bits: Int, bound: Double) throws {
    try TemporaryDirectory.with { folder in
      try AllOperationsNetwork().write(to: folder)
      let compiled = try AllOperationsNetwork.compile(
        folder, AllOperationsNetwork.calibration + ["--bits", "\(bits)"])
      try #require(compiled.status == 0, "\(compiled.standardError)")
      let verified = try AllOperationsNetwork.verify(
        folder, ["--json", "--per-layer", "--float-outputs", "float.npy"])
      let object = try jsonObject(verified)
      #expect(verified.status == 0)
      #expect(try #require(object["rmse"] as? Double) < bound)
      let layers = try #require(object["layers"] as? [[String: Any]])
      #expect(layers.count >= 12)
      for layer in layers {
        #expect(try #require(layer["sqnr_db"] as? Double) > (bits == 4 ? 15 : 30), "\(layer)")
      }
      try expectStatistics(object, of: folder)
    }
  }

  /// Computes what `adderc verify` stated anew, from the integers that `adderrun` gives.
  private func expectStatistics(_ stated: [String: Any], of folder: TemporaryDirectory) throws {
    let run = try runProgram(
      "adderrun",
      arguments: [
        "m.adb", "--input", "right=test-right.npy", "--input", "left=test-left.npy", "-o",
        "out.npy",
      ], directory: folder.url)
    try #require(run.status == 0, "\(run.standardError)")
    let integers = try NumPyArray(npy: try folder.read("out.npy"), named: "out.npy")
    let floats = try NumPyArray(npy: try folder.read("float.npy"), named: "float.npy")
    let count = AllOperationsNetwork.testImageCount
    // Five logits, and the means of eight channels with two gates each.
    let channels = [5, 8, 8, 8]
    let total = 29
    #expect(integers.shape == [count, total])
    #expect(floats.shape == [count, total])
    let inspection = try jsonObject(
      try runProgram("adderc", arguments: ["inspect", "m.adb", "--json"], directory: folder.url))
    let outputs = try #require(inspection["outputs"] as? [[String: Any]])
    try #require(outputs.count == channels.count)
    var steps: [(scale: Double, zeroPoint: Int32)] = []
    for (output, channels) in zip(outputs, channels) {
      #expect(output["shape"] as? [Int] == [channels, 1, 1])
      let scale = try #require(output["scale"] as? Double)
      let zeroPoint = Int32(try #require(output["zero_point"] as? Int))
      steps += [(scale: Double, zeroPoint: Int32)](
        repeating: (scale, zeroPoint), count: channels)
    }
    let reals = try integers.int32Values(of: "out.npy").enumerated().map { index, q in
      Double(q - steps[index % total].zeroPoint) * steps[index % total].scale
    }
    let wanted = try floats.floatValues().map(Double.init)
    let squares = zip(reals, wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let largest = zip(reals, wanted).map { abs($0 - $1) }.max() ?? 0
    func best(_ values: [Double], _ image: Int) -> Int {
      (0..<5).max { values[image * total + $0] < values[image * total + $1] } ?? 0
    }
    let agreeing = (0..<count).count { best(reals, $0) == best(wanted, $0) }
    #expect(stated["images"] as? Int == count)
    #expect(stated["agreeing"] as? Int == agreeing)
    let error = (squares / Double(reals.count)).squareRoot()
    #expect(abs(try #require(stated["rmse"] as? Double) - error) < 1e-5)
    #expect(abs(try #require(stated["largest_error"] as? Double) - largest) < 1e-5)
  }

  @Test func `takes the graph stored with the weights`() throws {
    try TemporaryDirectory.with { folder in
      let network = AllOperationsNetwork()
      try network.write(to: folder)
      let stored = try safetensors(network.tensors, metadata: ["adder.graph": network.graph])
      try folder.write(stored, to: "stored.safetensors")
      let compiled = try compileModel(folder, [], checkpoint: "stored.safetensors", to: "s.adb")
      try #require(compiled.status == 0, "\(compiled.standardError)")
      #expect(try AllOperationsNetwork.compile(folder, []).status == 0)
      #expect(try folder.read("s.adb") == folder.read("m.adb"))
      let verified = try runProgram(
        "adderc",
        arguments: ["verify", "s.adb", "--against", "stored.safetensors"]
          + AllOperationsNetwork.test, directory: folder.url)
      #expect(verified.status == 0, "\(verified.standardError)")
    }
  }

  @Test func `renames tensors`() throws {
    try TemporaryDirectory.with { folder in
      var network = AllOperationsNetwork()
      for index in network.tensors.indices {
        network.tensors[index].name = network.tensors[index].name
          .replacing("adder.", with: "net.adder_")
      }
      try network.write(to: folder)
      #expect(try AllOperationsNetwork.compile(folder, []).status == 65)
      let renamed = try AllOperationsNetwork.compile(folder, ["--map", "net.adder_*=adder.*"])
      #expect(renamed.status == 0, "\(renamed.standardError)")
    }
  }

  @Test func `wants images for each input`() throws {
    try TemporaryDirectory.with { folder in
      try AllOperationsNetwork().write(to: folder)
      let compiled = try AllOperationsNetwork.compile(
        folder, ["--calibrate", "calibration-left.npy"])
      #expect(compiled.status == 64)
      #expect(
        compiled.standardError
          == "adderc: --calibrate: 1 given, expected 2, one for each input of the network (left, "
          + "right)\n")
      let uneven = try AllOperationsNetwork.compile(
        folder, ["--calibrate", "calibration-left.npy", "--calibrate", "test-right.npy"])
      #expect(uneven.status == 65)
      #expect(uneven.standardError.contains("different numbers of images"))
      #expect(try !folder.names().contains("m.adb"))
    }
  }
}
