import AdderTestSupport
import Foundation
import Testing

@Suite struct CompileOutputsTests {
  @Test func `writes neither file if one cannot be written`() throws {
    try TemporaryDirectory.with { folder in
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent("d"), withIntermediateDirectories: false)
      for (model, report) in [
        ("m.adb", "none/r.json"), ("none/m.adb", "r.json"), ("m.adb", "d"), ("d", "r.json"),
        ("m.adb", "/dev/full"),
      ] {
        let result = try compileModel(folder, ["--report", report], to: model)
        #expect(result.status == 73, "\(model) \(report)")
        #expect(
          result.standardError.contains(": cannot be written: ")
            || result.standardError.contains(": is a directory, expected a file name"))
        #expect(result.outputBytes.isEmpty, "\(model) \(report)")
        #expect(try folder.names() == ["d"], "\(model) \(report)")
      }
    }
  }

  @Test func `never writes over an input or twice to one file`() throws {
    try TemporaryDirectory.with { folder in
      let checkpoint = Array(try Data(contentsOf: URL(fileURLWithPath: Bundled.checkpoint)))
      try folder.write(checkpoint, to: "w.pt")
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("link"), withDestinationPath: "w.pt")
      for (model, options, message) in [
        ("w.pt", [], "-o: 'w.pt' is an input; name another file"),
        ("./w.pt", [], "-o: './w.pt' is an input; name another file"),
        ("link", [], "-o: 'link' is an input; name another file"),
        ("m.adb", ["--report", "w.pt"], "--report: 'w.pt' is an input; name another file"),
        ("m.adb", ["--report", "./m.adb"], "-o and --report both write to ./m.adb; name another"),
        ("-", ["--report", "/dev/stdout"], "-o and --report both write to /dev/stdout; name"),
        ("-", ["--dump-after", "lower"], "-o - and --dump-after both write to standard output"),
      ] {
        let result = try compileModel(folder, options, checkpoint: "w.pt", to: model)
        #expect(result.status == 64, "\(model) \(options)")
        #expect(result.standardError.hasPrefix("adderc: \(message)"), "\(result.standardError)")
        #expect(result.outputBytes.isEmpty)
      }
      #expect(try folder.read("w.pt") == checkpoint)
      #expect(try folder.names() == ["link", "w.pt"])
    }
  }

  @Test func `writes the model or the report alone on standard output`() throws {
    try TemporaryDirectory.with { folder in
      let model = try compileModel(folder, [], to: "-")
      #expect(model.status == 0)
      let report = try compileModel(folder, ["--report", "-"])
      #expect(report.status == 0)
      #expect(try folder.read("m.adb") == model.outputBytes)
      #expect(try jsonObject(report)["schema"] as? String == "adder-compile-1")
    }
  }

  @Test func `replaces a model whole`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write([1, 2, 3], to: "m.adb")
      #expect(try compileModel(folder, ["--bits", "3"]).status == 64)
      #expect(try folder.read("m.adb") == [1, 2, 3])
      #expect(try compileModel(folder, []).status == 0)
      #expect(try folder.read("m.adb").prefix(3) == Array("ADB".utf8)[...])
      #expect(try folder.names() == ["m.adb"])
    }
  }
}
