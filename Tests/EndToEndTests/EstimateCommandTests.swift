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

  @Test func `the page shows every target, joined figures and no foreign markup`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(ModelBuilder.everyOperation().bytes(), to: "a<b>&.adb")
      let run = try runProgram("adderrun", arguments: [model, "--help"])
      #expect(run.status == 0)
      let names = try jsonObject(
        try runProgram(
          "adderc", arguments: ["estimate", model, "--target", "paper-int8", "--json"]))
      let layers = try #require(
        (names["targets"] as? [[String: Any]])?[0]["layers"] as? [[String: Any]])
      let operations = layers.map { ["name": $0["name"] ?? "", "microseconds": 2.5] }
      let profile = try JSONSerialization.data(withJSONObject: [
        "schema": "adder-run-1", "profile": ["operations": operations],
      ])
      let measured = try folder.write(Array(profile), to: "p.json")
      let verified = try folder.write(
        Array(
          """
          {"schema": "adder-verify-1", "images": 400, "agreement_percent": 99.5, "rmse": 0.0123,
           "top1_float": 368, "top1_integer": 367}
          """.utf8), to: "v.json")
      let result = try runProgram(
        "adderc",
        arguments: [
          "estimate", model, "--html", folder.path("e.html"), "--verified", verified,
          "--measured", measured, "--target", "stm32f401",
        ] + everyKind)
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.contains("top-1 91.75 %, in float 92.00 %"))
      let page = String(decoding: try folder.read("e.html"), as: UTF8.self)
      for part in [
        "<!DOCTYPE html>", "a&lt;b&gt;&amp;.adb", "<h2>stm32f401</h2>", "<h2>eyeriss-relative</h2>",
        "Targets side by side", "The arena over time", "91.75 <small>%</small>", "RMSE 0.0123",
        "2.5 <small>µs</small>", "class=\"gathering\"", "class=\"backing\"", "Not modelled",
        "prefers-color-scheme:dark", "@media print", "int8 CNN's energy",
      ] {
        #expect(page.contains(part), "\(part)")
      }
      for part in ["<script", "http", "src=", "url(", "a<b>", "nan", "inf%"] {
        #expect(!page.contains(part), "\(part)")
      }
      // Elements are closed in the order in which they were opened.
      var open: [Substring] = []
      for tag in page.split(separator: "<").dropFirst().compactMap({
        $0.split(separator: ">").first
      }) {
        let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
        if tag.hasPrefix("/") {
          #expect(open.popLast() == name)
        } else if name != "meta" {
          open.append(name)
        }
      }
      #expect(open.isEmpty)
    }
  }

  @Test func `a period without idle power is said`() throws {
    let result = try runProgram(
      "adderc",
      arguments: ["estimate", graph("lenet5"), "--target", "horowitz45", "--period", "1"])
    #expect(result.status == 0)
    #expect(
      result.standardError.contains("--period: horowitz45 tells no idle power or no time"))
  }

  @Test func `targets are listed with their constants`() throws {
    let text = try runProgram("adderc", arguments: ["targets"])
    #expect(text.standardOutput.contains("\nstm32l4r5 "))
    let object = try jsonObject(try runProgram("adderc", arguments: ["targets", "--json"]))
    #expect(object["schema"] as? String == "adder-targets-1")
    let targets = try #require(object["targets"] as? [[String: Any]])
    #expect(targets.count >= 15)
    #expect(targets.allSatisfy { ($0["constants"] as? [[String: Any]])?.isEmpty == false })
  }

  @Test func `what cannot be estimated is refused with the exit code of its kind`() throws {
    try TemporaryDirectory.with { folder in
      let target = try folder.write(Array("{\"schema\": \"adder-target-2\"}".utf8), to: "t.json")
      var old = ModelBuilder.everyOperation().bytes()
      old[4] = 0xFF
      let model = try folder.write(old, to: "old.adb")
      let verified = try folder.write(
        Array(
          """
          {"schema": "adder-verify-1", "images": 1, "agreement_percent": 1, "rmse": "0"}
          """.utf8), to: "v.json")
      let measured = try folder.write(
        Array("{\"schema\": \"adder-run-1\", \"profile\": {\"operations\": [{}]}}".utf8),
        to: "p.json")
      let cases: [(arguments: [String], status: Int32, message: String)] = [
        ([graph("lenet5"), "--target", "tpuv4"], 64, "Did you mean 'tpuv4i-7nm'?"),
        ([graph("lenet5"), "--target", "zzz"], 64, "expected paper-fp32, paper-int8, "),
        ([graph("lenet5"), "--target", target], 69, "t.json: schema: 'adder-target-2', expected"),
        ([graph("lenet5"), "--target", folder.path("n.json")], 66, "n.json: no such file"),
        ([graph("lenet5")], 64, "--target"),
        ([model, "--target", "paper-fp32"], 69, "version"),
        ([target, "--target", "paper-fp32"], 69, "schema: 'adder-target-2'"),
        (
          [try folder.write([0x50, 0x4B, 3, 4], to: "m.pt"), "--target", "paper-fp32"], 65,
          "m.pt: neither an .adb model nor a graph file"
        ),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--json", "--csv", "-"], 64,
          "--json and --csv - both write"
        ),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--html", "-", "--csv", "-"], 64,
          "--csv - and --html - both write"
        ),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--verified", target], 65,
          "t.json: no schema 'adder-verify-1', expected what 'adderc verify --json' prints"
        ),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--verified", verified], 65,
          "v.json: rmse: the string '0', expected a number of 0...1e18"
        ),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--measured", measured], 65,
          "p.json: profile.operations: 1, expected the 11 of lenet5; profile the same model"
        ),
        (
          [graph("lenet5"), "--target", "paper-fp32", "--measured", model], 65,
          "expected what 'adderrun --profile --json' prints"
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
