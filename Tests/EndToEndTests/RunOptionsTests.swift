import AdderTestSupport
import Testing

#if arch(x86_64)
  private let instructionSets = "avx512, avx2, sse2 or portable"
#else
  private let instructionSets = "neon or portable"
#endif

@Suite struct RunOptionsTests {
  @Test(
    "refuses wrong usage before it reads anything",
    arguments: [
      ([], "missing argument MODEL.adb; see --help"),
      (["m.adb"], "missing argument INPUT; see --help"),
      (["m.adb", "i", "j"], "unexpected argument 'j'; adderrun takes MODEL.adb INPUT"),
      (["m.adb", "i", "--expectd", "e"], "unknown option '--expectd'. Did you mean '--expected'?"),
      (["m.adb", "i", "--top", "0"], "--top: '0', expected an integer from 1 to 1048576"),
      (["m.adb", "i", "--threads", "two"], "--threads: 'two', expected an integer from 1 to 1024"),
      (["m.adb", "i", "--repeat", "0"], "--repeat: '0', expected an integer from 1 to 1000000"),
      (
        ["m.adb", "i", "--kernel", "simd"],
        "unknown value 'simd' of '--kernel', expected auto, reference, dsp, swar, thumb, "
          + instructionSets
      ),
      (
        ["m.adb", "i", "--input", "a=b"],
        "INPUT and --input exclude each other; give one of them"
      ),
      (
        ["m.adb", "i", "--profile", "--threads", "2"],
        "--profile measures one thread; leave out --threads"
      ),
      (["-", "-"], "standard input can be read only once; name a file instead"),
      (
        ["m.adb", "i", "-o", "-", "--json"],
        "-o - and --json both write to standard output; name a file instead"
      ),
    ] as [([String], String)])
  func refuses(arguments: [String], message: String) throws {
    let result = try runProgram("adderrun", arguments: arguments)
    #expect(result.status == 64)
    #expect(result.standardError == "adderrun: \(message)\n")
    #expect(result.outputBytes.isEmpty)
  }
}
