import AdderText
import Foundation

/// A line on a terminal that counts up in place and disappears at the end.
///
/// A class because several threads advance one line; `@unchecked Sendable` because `lock` guards
/// everything that changes.
package final class ProgressLine: @unchecked Sendable {
  private let title: String
  private let total: Int
  private let sink: TextSink
  private let isEnabled: Bool
  private let secondsBetweenUpdates: Double
  private let now: @Sendable () -> Double

  private let lock = NSLock()
  private var completed = 0
  private var lastUpdate = -Double.infinity
  private var isVisible = false

  /// - Parameter now: A clock in seconds.
  package init(
    _ title: String, total: Int, on sink: TextSink, isEnabled: Bool,
    secondsBetweenUpdates: Double = 0.1,
    now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    self.title = title
    self.total = total
    self.sink = sink
    self.isEnabled = isEnabled
    self.secondsBetweenUpdates = secondsBetweenUpdates
    self.now = now
  }

  deinit { finish() }

  /// Counts steps; any thread may call it.
  package func advance(by stepCount: Int = 1) { update { $0 += stepCount } }

  /// Says how many steps are done.
  package func advance(to count: Int) { update { $0 = count } }

  private func update(_ count: (inout Int) -> Void) {
    guard isEnabled else { return }
    lock.withLock {
      count(&completed)
      let time = now()
      guard time - lastUpdate >= secondsBetweenUpdates else { return }
      lastUpdate = time
      isVisible = true
      let percentage = total > 0 ? "  \(min(100, completed * 100 / total)) %" : ""
      let line = "\(title.printable)  \(completed)/\(total)\(percentage)"
      try? sink.write(TextSink.eraseLine + line.prefix(HelpText.columnCount - 1))
    }
  }

  /// Erases the line; harmless when repeated.
  package func finish() {
    lock.withLock {
      guard isVisible else { return }
      isVisible = false
      try? sink.write(TextSink.eraseLine)
    }
  }
}
