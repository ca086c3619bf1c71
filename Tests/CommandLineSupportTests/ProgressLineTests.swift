import CommandLineSupport
import Dispatch
import Foundation
import Testing

/// A clock that the test sets; a class because the progress line's closure shares it.
private final class Clock: @unchecked Sendable {
  var seconds = 0.0
}

@Suite struct ProgressLineTests {
  private let erase = "\r\u{1B}[K"

  @Test func `updates in place, at most ten times a second, and disappears`() {
    let (recorder, clock) = (Recorder(), Clock())
    let line = ProgressLine(
      "calibrate", total: 512, on: recorder.sink(isTerminal: true), isEnabled: true
    ) { clock.seconds }
    line.advance(by: 1)
    clock.seconds = 0.09
    line.advance(by: 100)
    clock.seconds = 0.11
    line.advance(by: 27)
    line.finish()
    line.finish()
    #expect(
      recorder.text
        == "\(erase)calibrate  1/512  0 %\(erase)calibrate  128/512  25 %\(erase)")
  }

  @Test func `a line that never appeared is not erased`() {
    let recorder = Recorder()
    ProgressLine("x", total: 1, on: recorder.sink(isTerminal: true), isEnabled: true).finish()
    #expect(recorder.text == "")
  }

  @Test func `a line that goes out of scope is erased`() {
    let recorder = Recorder()
    do {
      let line = ProgressLine("x", total: 0, on: recorder.sink(isTerminal: true), isEnabled: true)
      line.advance()
    }
    #expect(recorder.text == "\(erase)x  1/0\(erase)")
  }

  @Test func `threads advance it together`() {
    let recorder = Recorder()
    let line = ProgressLine(
      "x", total: 8_000, on: recorder.sink(isTerminal: true), isEnabled: true,
      secondsBetweenUpdates: 0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<1_000 { line.advance() }
    }
    #expect(recorder.writeCount == 8_000)
    #expect(recorder.text.hasSuffix("\(erase)x  8000/8000  100 %"))
  }

  @Test func `a long title is cut before the terminal wraps it`() {
    let recorder = Recorder()
    let title = String(repeating: "x", count: 200)
    ProgressLine(title, total: 1, on: recorder.sink(isTerminal: true), isEnabled: true).advance()
    #expect(recorder.text == erase + String(repeating: "x", count: 79) + erase)
  }
}
