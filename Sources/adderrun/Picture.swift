import ADBFormat

/// A colour of 8 bits a part.
struct Colour: Equatable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  static let black = Colour(red: 0, green: 0, blue: 0)
  static let white = Colour(red: 255, green: 255, blue: 255)

  /// The one of black and white that is seen better on this.
  var contrast: Colour {
    // How bright it looks (ITU-R BT.601), in 1/1000.
    299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > 127_500 ? .black : .white
  }
}

/// Pixels of red, green and blue.
struct Picture {
  let width: Int
  let height: Int
  /// Rows, columns, colours.
  private var bytes: [UInt8]

  /// Makes a picture of an image, each pixel a square of `factor` × `factor`.
  ///
  /// - Parameter image: Elements in the order rows, columns, channels.
  /// - Precondition: One channel, which is grey, or three, red, green and blue.
  init(_ image: [UInt8], _ shape: TensorShape, factor: Int) {
    precondition(shape.channels == 1 || shape.channels == 3)
    width = shape.width * factor
    height = shape.height * factor
    bytes = []
    bytes.reserveCapacity(3 * width * height)
    for row in 0..<shape.height {
      var line: [UInt8] = []
      line.reserveCapacity(3 * width)
      for column in 0..<shape.width {
        let start = (row * shape.width + column) * shape.channels
        for _ in 0..<factor {
          for part in 0..<3 { line.append(image[start + (shape.channels == 1 ? 0 : part)]) }
        }
      }
      for _ in 0..<factor { bytes += line }
    }
  }

  /// The bytes of a row.
  func row(_ row: Int) -> ArraySlice<UInt8> { bytes[3 * width * row..<3 * width * (row + 1)] }

  subscript(column: Int, row: Int) -> Colour {
    let start = 3 * (row * width + column)
    return Colour(red: bytes[start], green: bytes[start + 1], blue: bytes[start + 2])
  }

  /// Paints a rectangle, as far as it is in the picture.
  mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ colour: Colour) {
    let columns = columns.clamped(to: 0..<width)
    for row in rows.clamped(to: 0..<height) {
      for column in columns {
        let start = 3 * (row * width + column)
        bytes[start] = colour.red
        bytes[start + 1] = colour.green
        bytes[start + 2] = colour.blue
      }
    }
  }

  /// Paints the border of a rectangle, inside it.
  mutating func outline(
    _ columns: Range<Int>, _ rows: Range<Int>, thickness: Int, _ colour: Colour
  ) {
    let (left, right) = (columns.lowerBound, columns.upperBound)
    let (top, bottom) = (rows.lowerBound, rows.upperBound)
    fill(columns, top..<min(top + thickness, bottom), colour)
    fill(columns, max(top, bottom - thickness)..<bottom, colour)
    fill(left..<min(left + thickness, right), rows, colour)
    fill(max(left, right - thickness)..<right, rows, colour)
  }

  /// Paints a line of text with its upper left corner at a place, as far as it is in the picture.
  mutating func write(_ text: String, column: Int, row: Int, _ colour: Colour) {
    for (index, scalar) in text.unicodeScalars.enumerated() {
      let left = column + index * BitmapFont.advance
      if left >= width { return }
      let character = UInt8(exactly: scalar.value) ?? UInt8(ascii: "?")
      for x in 0..<BitmapFont.width {
        for y in 0..<BitmapFont.height where BitmapFont.isSet(character, column: x, row: y) {
          fill(left + x..<left + x + 1, row + y..<row + y + 1, colour)
        }
      }
    }
  }
}
