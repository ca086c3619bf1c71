import AdderTestSupport
import Testing

/// The help of every command against the contract of the command line.
@Suite struct HelpTests {
  private static let inheritedOptions = [
    "--arch NAME", "--graph FILE.json", "--map PATTERN=NAME", "--mean A,B,C", "--std A,B,C",
    "--input-shape CxHxW",
  ]

  @Test(
    "fits in 80 columns and holds every option",
    arguments: [
      (
        "adderc", "compile", "MODEL",
        inheritedOptions + [
          "-o, --output OUT.adb", "--calibrate IMAGES.npy", "--calibration-method METHOD",
          "--bits N",
          "--layer-bits NAME=N", "--report FILE.json", "--dump-after PASS",
          "--class-names FILE.txt",
          "--strip-names",
        ]
      ),
      ("adderc", "inspect", "FILE", ["--tensors", "--layers", "--json"]),
      (
        "adderc", "verify", "OUT.adb",
        inheritedOptions + [
          "--against MODEL", "--inputs IMAGES.npy", "--labels LABELS.npy", "--per-layer", "--json",
          "--min-agreement PERCENT", "--max-top1-drop POINTS",
        ]
      ),
      (
        "adderc", "emit-c", "MODEL.adb",
        [
          "-o, --output DIR", "--prefix NAME", "--vectors IMAGES.npy", "--count N", "--force",
          "--json", "-q, --quiet",
        ]
      ),
      (
        "adderc", "skeleton", "MODEL",
        ["-o, --output GRAPH.json", "--map PATTERN=NAME", "--input-shape CxHxW", "-q, --quiet"]
      ),
      ("adderc", "architectures", "", ["--json"]), ("adderc", "supported-ops", "", ["--json"]),
      (
        "adderc", "estimate", "FILE",
        ["--target NAME|FILE.json", "--compare-cnn", "--vdd VOLTS", "--csv FILE", "--json"]
      ),
      ("adderc", "targets", "", ["--json"]),
      (
        "adderrun", "", "MODEL.adb [INPUT]",
        [
          "-o, --output OUTPUT", "--top K", "--labels LABELS.npy", "--expected OUTPUT", "--profile",
          "--threads N", "--repeat N", "--kernel KERNEL", "--dump-layers DIR", "--json",
        ]
      ),
    ])
  func holds(program: String, command: String, arguments: String, options: [String]) throws {
    let result = try runProgram(program, arguments: command.isEmpty ? ["-h"] : [command, "-h"])
    #expect(result.status == 0)
    #expect(result.standardError.isEmpty)
    let start = ["usage:", program, command, arguments].filter { !$0.isEmpty }
    #expect(result.standardOutput.hasPrefix(start.joined(separator: " ") + " "))
    let lines = result.standardOutput.split(separator: "\n")
    for option in options + ["-h, --help", "--version"] {
      #expect(lines.contains { $0.contains(" \(option)") && $0.hasPrefix("  ") }, "\(option)")
    }
    #expect(lines.allSatisfy { $0.count <= 80 })
    expectTidy(result.standardOutput)
  }

  @Test("lists fit in 80 columns", arguments: ["architectures", "supported-ops"])
  func fits(command: String) throws {
    let result = try runProgram("adderc", arguments: [command])
    #expect(result.standardOutput.split(separator: "\n").allSatisfy { $0.count <= 80 })
    expectTidy(result.standardOutput)
  }
}
