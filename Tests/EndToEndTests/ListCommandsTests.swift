import AdderTestSupport
import Foundation
import Testing

@Suite struct ListCommandsTests {
  @Test func `lists the architectures`() throws {
    let text = try runProgram("adderc", arguments: ["architectures"])
    #expect(text.status == 0)
    let result = try runProgram("adderc", arguments: ["architectures", "--json"])
    let object = try jsonObject(result)
    #expect(object["schema"] as? String == "adder-architectures-1")
    let list = try #require(object["architectures"] as? [[String: Any]])
    let names = list.compactMap { $0["name"] as? String }
    for name in ["resnet20", "resnet32", "resnet44", "resnet56", "resnet18", "resnet50", "lenet5"] {
      #expect(names.contains(name))
      #expect(text.standardOutput.contains("\(name)\n  "))
    }
  }

  @Test func `prints an architecture as a graph file`() throws {
    let result = try runProgram("adderc", arguments: ["architectures", "--graph", "lenet5"])
    #expect(result.status == 0)
    #expect((try jsonObject(result)["nodes"] as? [[String: Any]])?.isEmpty == false)
    let unknown = try runProgram("adderc", arguments: ["architectures", "--graph", "lenet6"])
    #expect(unknown.status == 64)
    #expect(unknown.standardError.contains("lenet5"))
    #expect(unknown.outputBytes.isEmpty)
  }

  @Test func `lists the operations`() throws {
    let text = try runProgram("adderc", arguments: ["supported-ops"])
    #expect(text.status == 0)
    let result = try runProgram("adderc", arguments: ["supported-ops", "--json"])
    let object = try jsonObject(result)
    #expect(object["schema"] as? String == "adder-supported-ops-1")
    let list = try #require(object["operations"] as? [[String: Any]])
    let names = list.compactMap { $0["name"] as? String }
    // Those that the schema of graph files names.
    let schema = try String(
      contentsOf: goldenDirectory().deletingLastPathComponent()
        .appending(path: "docs/graph.schema.json"), encoding: .utf8)
    let operations = schema.matches(of: /"op": \{"(?:const|enum)": \[?([^\]}]*)/).flatMap {
      $0.1.matches(of: /"([a-z0-9_]+)"/).map { String($0.1) }
    }
    #expect(operations.count >= 15 && Set(names) == Set(operations))
    for name in names { #expect(text.standardOutput.contains("\(name)\n  ")) }
  }

  @Test func `explains the commands and suggests the one that was meant`() throws {
    let help = try runProgram("adderc", arguments: ["--help"])
    #expect(help.status == 0)
    for command in ["compile", "inspect", "verify", "architectures", "supported-ops"] {
      #expect(help.standardOutput.contains("\n  \(command) "))
    }
    let inspectHelp = try runProgram("adderc", arguments: ["inspect", "--help"])
    for option in ["--tensors", "--layers", "--json"] {
      #expect(inspectHelp.standardOutput.contains(option))
    }
    let misspelt = try runProgram("adderc", arguments: ["inspct"])
    #expect(misspelt.status == 64)
    #expect(misspelt.standardError == "adderc: unknown command 'inspct'. Did you mean 'inspect'?\n")
  }
}
