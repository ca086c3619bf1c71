extension String {
  /// The printable text as HTML and XML text or attribute in double quotes.
  ///
  /// - Complexity: O(characters)
  package var escaped: String {
    var text = ""
    for character in printable {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.append(character)
      }
    }
    return text
  }
}
