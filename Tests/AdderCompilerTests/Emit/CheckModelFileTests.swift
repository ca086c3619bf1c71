import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct CheckModelFileTests {
  @Test func `a file that a runtime would refuse is a defect`() throws {
    let graph = Graph(channels: 1, height: 1, width: 1, [Node("n", .clamp(.relu), "image")])
    let folded = try graph.folded()
    var file = try writeADB(
      planMemory(
        lower(
          quantize(
            folded, distributions: estimateDistributions(folded), options: QuantizationOptions()))))
    func findings() -> [String] {
      failure { () throws(CompileError) in try checkModelFile(file, name: "g") }
    }
    #expect(findings() == ["no error"])
    file[40] ^= 1
    #expect(findings() == ["internal", "g: the model made: byte 12: wrongChecksum"])
    file[0] = 0
    #expect(findings() == ["internal", "g: the model made: byte 0: wrongMagic"])
  }
}
