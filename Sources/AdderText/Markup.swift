extension String {
  /// The printable text as HTML and XML text or attribute in double quotes.
  ///
  /// Scalar by scalar, as to compare a character of n combining marks takes n² steps.
  /// - Complexity: O(bytes)
  package var escaped: String {
    var text = ""
    for scalar in printable.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
