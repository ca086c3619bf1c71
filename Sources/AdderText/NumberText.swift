import Foundation

/// A share in 0…1 as a percentage with one decimal.
package func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

/// A number with a fixed count of decimals.
package func fixed(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", value)
}

/// A number with at most so many significant digits, in the shorter of both notations.
package func significant(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)g", value)
}

/// An integer with its thousands apart.
package func grouped(_ value: Int) -> String {
  var text = String(value)
  var place = text.count - 3
  while place > (value < 0 ? 1 : 0) {
    text.insert(" ", at: text.index(text.startIndex, offsetBy: place))
    place -= 3
  }
  return text
}
