/// A name that equals another one only where all their bytes do.
///
/// `String` compares and hashes by canonical equivalence (Unicode Standard Annex 15): to it, two
/// spellings of one accented letter are one key. Names of files are different keys where a byte of
/// them differs, so tables of such names are keyed with this.
package struct ExactName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest name of a tensor, a zip member, a class or a JSON key that a file may hold.
  package static let byteLimit = 1024
  /// The most combining marks in a row that such a name may hold, as in Annex 15's stream-safe text
  /// format.
  package static let markLimit = 30

  package let text: String

  package init(_ text: String) { self.text = text }

  package var description: String { text }

  package static func == (first: ExactName, second: ExactName) -> Bool {
    first.text.utf8.elementsEqual(second.text.utf8)
  }

  package static func < (first: ExactName, second: ExactName) -> Bool {
    first.text.utf8.lexicographicallyPrecedes(second.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// Whether the text has no more than ``ExactName/markLimit`` combining marks in a row.
  ///
  /// To compare, hash or normalize a run of n marks takes n² steps; all such work on text that
  /// passes is linear. Text of files is asked this where it becomes a `String`.
  /// - Complexity: O(bytes)
  package var isStreamSafe: Bool {
    if utf8.allSatisfy({ $0 < 0x80 }) { return true }
    var markCount = 0
    for scalar in unicodeScalars {
      // The first combining mark of Unicode is U+0300.
      if scalar.value < 0x300 || scalar.properties.canonicalCombiningClass == .notReordered {
        markCount = 0
      } else {
        markCount += 1
        if markCount > ExactName.markLimit { return false }
      }
    }
    return true
  }
}
