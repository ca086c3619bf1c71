import AdderTestSupport
import Foundation
import Testing

@Suite struct EstimateCommandTests {
  private func graph(_ name: String) -> String {
    goldenDirectory().appending(path: "graphs/\(name).json").path
  }

  private let everyKind = [
    "--target", "paper-fp32", "--target", "horowitz45", "--target", "eyeriss-relative",
  ]

  @Test func `every number of the JSON report has bounds, every constant a source`() throws {
    let result = try runProgram(
      "adderc",
      arguments: ["estimate", graph("resnet20-cifar"), "--json", "--compare-cnn"] + everyKind)
    let object = try jsonObject(result)
    #expect(object["schema"] as? String == "adder-estimate-1")
    let targets = try #require(object["targets"] as? [[String: Any]])
    #expect(
      targets.map { $0["name"] as? String } == ["paper-fp32", "horowitz45", "eyeriss-relative"])
    var counts = (intervals: 0, constants: 0)
    for target in targets {
      for key in ["energy_joules", "energy_relative", "cycles", "seconds"] {
        #expect(target[key] == nil || !(target[key] is NSNumber))
      }
      let layers = try #require(target["layers"] as? [[String: Any]])
      let cnn = try #require(target["cnn"] as? [[String: Any]])
      #expect(layers.count > 20 && !cnn.isEmpty)
      for cost in [target] + layers + cnn {
        for key in ["cycles", "energy_joules", "energy_relative", "seconds"] {
          guard let interval = cost[key] as? [String: Double] else { continue }
          #expect(Set(interval.keys) == ["value", "low", "high"])
          #expect(interval["low"] ?? 1 <= interval["value"] ?? 0)
          #expect(interval["value"] ?? 1 <= interval["high"] ?? 0)
          counts.intervals += 1
        }
      }
      for constant in try #require(target["constants"] as? [[String: Any]]) {
        #expect(
          Set(constant.keys) == ["name", "value", "low", "high", "unit", "source", "quality"])
        #expect((constant["source"] as? String)?.isEmpty == false)
        counts.constants += 1
      }
      #expect((target["not_modelled"] as? [String])?.isEmpty == false)
    }
    #expect(counts.intervals > 100 && counts.constants > 20)
  }

  @Test func `the text report spells sums out and says what is missing`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(ModelBuilder.everyOperation().bytes(), to: "m.adb")
      let result = try runProgram(
        "adderc", arguments: ["estimate", model, "--compare-cnn"] + everyKind)
      #expect(result.status == 0)
      let text = result.standardOutput
      for part in [
        "arena: ", " = tensor ", "== paper-fp32", "the same as a CNN: ",
        "the same as an fp32 CNN: ",
        "not modelled:", "Horowitz", "energy of an int8 CNN over that of adder layers", "relative",
      ] {
        #expect(text.contains(part), "\(part)")
      }
      #expect(!text.contains("nan") && !text.contains("inf "))
    }
  }

  @Test func `the CSV file has a line for each target and layer`() throws {
    try TemporaryDirectory.with { folder in
      let result = try runProgram(
        "adderc",
        arguments: ["estimate", graph("lenet5"), "--csv", folder.path("e.csv")] + everyKind)
      #expect(result.status == 0)
      let lines = String(decoding: try folder.read("e.csv"), as: UTF8.self)
        .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      #expect(lines.count == 1 + 3 * 11)
      #expect(lines.allSatisfy { $0.count == 13 })
      #expect(lines[1].prefix(4) == ["paper-fp32", "conv1", "adder2d", "117600"])
    }
  }

  @Test func `targets are listed with their constants`() throws {
    let text = try runProgram("adderc", arguments: ["targets"])
    #expect(text.standardOutput.contains("\nstm32l4r5 "))
    let object = try jsonObject(try runProgram("adderc", arguments: ["targets", "--json"]))
    #expect(object["schema"] as? String == "adder-targets-1")
    let targets = try #require(object["targets"] as? [[String: Any]])
    #expect(targets.count == 15)
    #expect(targets.allSatisfy { ($0["constants"] as? [[String: Any]])?.isEmpty == false })
  }

  @Test func `what cannot be estimated is refused with the exit code of its kind`() throws {
    try TemporaryDirectory.with { folder in
      let target = try folder.write(Array("{\"schema\": \"adder-target-2\"}".utf8), to: "t.json")
      var old = ModelBuilder.everyOperation().bytes()
      old[4] = 0xFF
      let model = try folder.write(old, to: "old.adb")
      let cases: [(arguments: [String], status: Int32, message: String)] = [
        ([graph("lenet5"), "--target", "tpuv4"], 64, "Did you mean 'tpuv4i-7nm'?"),
        ([graph("lenet5"), "--target", "zzz"], 64, "expected paper-fp32, paper-int8, "),
        ([graph("lenet5"), "--target", target], 69, "t.json: schema: 'adder-target-2', expected"),
        ([graph("lenet5"), "--target", folder.path("n.json")], 66, "n.json: no such file"),
        ([graph("lenet5")], 64, "--target"),
        ([model, "--target", "paper-fp32"], 69, "version"),
        ([target, "--target", "paper-fp32"], 69, "schema: 'adder-target-2'"),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--json", "--csv", "-"], 64,
          "name a file instead"
        ),
      ]
      for (arguments, status, message) in cases {
        let result = try runProgram("adderc", arguments: ["estimate"] + arguments)
        #expect(result.status == status, "\(arguments): \(result.standardError)")
        #expect(result.standardError.contains(message), "\(result.standardError)")
        #expect(result.outputBytes.isEmpty)
      }
    }
  }

  @Test func `a voltage that changes nothing is said`() throws {
    let result = try runProgram(
      "adderc",
      arguments: ["estimate", graph("lenet5"), "--target", "horowitz45", "--vdd", "1.8"])
    #expect(
      result.status == 0 && result.standardError.contains("--vdd: horowitz45 names no voltage"))
  }
}
