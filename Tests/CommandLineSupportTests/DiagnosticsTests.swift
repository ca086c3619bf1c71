import CommandLineSupport
import Testing

@Suite struct DiagnosticsTests {
  @Test func `names the program and the kind`() {
    let recorder = Recorder()
    let diagnostics = Diagnostics(program: "adderc", sink: recorder.sink())
    diagnostics.error("m.pth: no such file")
    diagnostics.warning("careful")
    diagnostics.note("by the way")
    #expect(
      recorder.text
        == "adderc: m.pth: no such file\nadderc: warning: careful\nadderc: note: by the way\n")
  }

  @Test func `keeps one message on one line`() {
    let recorder = Recorder()
    Diagnostics(program: "adderc", sink: recorder.sink()).error("tensor 'a\nb'")
    #expect(recorder.text == "adderc: tensor 'a\\u{a}b'\n")
  }

  @Test func `quiet leaves out notes and progress, not warnings`() {
    let recorder = Recorder()
    let diagnostics = Diagnostics(
      program: "adderc", sink: recorder.sink(isTerminal: true), isQuiet: true)
    diagnostics.note("by the way")
    let progress = diagnostics.progress("work", of: 2)
    progress.advance()
    progress.finish()
    #expect(recorder.text == "")
    diagnostics.warning("careful")
    #expect(recorder.text == "\r\u{1B}[Kadderc: warning: careful\n")
  }

  @Test func `progress is silent where nobody watches`() {
    let recorder = Recorder()
    let progress = Diagnostics(program: "adderc", sink: recorder.sink()).progress("work", of: 2)
    progress.advance(by: 2)
    progress.finish()
    #expect(recorder.text == "")
  }
}
