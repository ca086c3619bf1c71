import Foundation

/// The folder golden/ of the source tree that this file was compiled from.
package func goldenDirectory() -> URL {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("golden", isDirectory: true)
}
