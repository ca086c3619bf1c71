import CommandLineSupport
import Foundation
import Testing

@Suite struct TextSinkTests {
  @Test func `standard output and standard error are told apart`() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      try TextSink.standardOutput.write("result ä\n")
      try OutputFile.write(Array("to a dash\n".utf8), to: "-")
      try OutputFile.write(Array("to a device\n".utf8), to: "/dev/stdout")
      try TextSink.standardError.write("diagnostic\n")
      try OutputFile.write(Array("to the other device\n".utf8), to: "/dev/stderr")
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    let errors = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("result ä\nto a dash\nto a device\n"))
    #expect(errors.contains("diagnostic\nto the other device\n"))
    #expect(!output.contains("diagnostic") && !errors.contains("result"))
  }

  @Test func `diagnostics never reach a file that took the number of a closed stream`() async {
    await #expect(processExitsWith: .success) {
      var written: [UInt8]?
      try withTemporaryDirectory { directory in
        close(STDERR_FILENO)
        try OutputFile.write(to: directory + "/x") { (append) throws(CommandLineFailure) in
          Diagnostics(program: "adderc").warning("lost")
          try append([1])
        }
        written = try InputFile.read(directory + "/x")
      }
      exit(written == [1] ? 0 : 1)
    }
  }

  @Test func `passes text on as it is`() throws {
    let recorder = Recorder()
    let sink = recorder.sink(isTerminal: true)
    try sink.write("a\u{1B}")
    try sink.write("")
    try sink.write("b")
    #expect(sink.isTerminal)
    #expect(recorder.text == "a\u{1B}b")
  }
}
