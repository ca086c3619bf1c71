import ADBFormat
import AdderModel
import AdderText
import CommandLineSupport

/// A new directory with a picture for each image, its boxes drawn in, which appears whole or not at
/// all.
struct BoxDrawing {
  /// Pictures are at least so wide, unless that would make them too high.
  private static let width = 320
  private static let largestHeight = 4096
  private static let thickness = 2

  /// Colours of classes, which repeat: apart in hue, and seen on dark and bright.
  private static let colours = [
    Colour(red: 230, green: 25, blue: 75), Colour(red: 60, green: 180, blue: 75),
    Colour(red: 255, green: 225, blue: 25), Colour(red: 0, green: 130, blue: 200),
    Colour(red: 245, green: 130, blue: 48), Colour(red: 145, green: 30, blue: 180),
    Colour(red: 70, green: 240, blue: 240), Colour(red: 240, green: 50, blue: 230),
    Colour(red: 210, green: 245, blue: 60), Colour(red: 0, green: 128, blue: 128),
    Colour(red: 170, green: 110, blue: 40), Colour(red: 250, green: 190, blue: 212),
  ]

  private let directory: NewDirectory
  private let shape: TensorShape
  private let factor: Int

  /// - Throws: `usage` for a model whose images are not pictures, `cannotCreate` where something other
  ///   than an empty directory has the name.
  init(_ path: String, _ model: Model) throws(CommandLineFailure) {
    shape = model.inputs[0].tensor.shape
    guard shape.channels == 1 || shape.channels == 3 else {
      throw CommandLineFailure(
        .usage,
        "--draw: images of \(shape.channels) channels, expected 1, grey, or 3, red, green and blue; "
          + "take --detections instead")
    }
    factor = max(
      1,
      min((Self.width + shape.width - 1) / shape.width, Self.largestHeight / shape.height))
    directory = try NewDirectory(path)
  }

  /// Draws all images.
  ///
  /// - Parameter images: Of the model's first input.
  /// - Throws: `cannotCreate`; nothing is left then.
  func stage(
    _ images: [[UInt8]], _ report: DetectionReport, progress: () -> Void
  ) throws(CommandLineFailure) {
    try directory.create()
    do {
      for (index, image) in images.enumerated() {
        let picture = picture(of: image, report.boxesShown(index))
        try directory.write(Self.fileName(index)) { (append) throws(CommandLineFailure) in
          try PNGFile(picture: picture).write(append)
        }
        progress()
      }
    } catch {
      discard()
      throw error
    }
  }

  /// Gives the directory its name.
  ///
  /// - Throws: `cannotCreate`.
  func commit() throws(CommandLineFailure) { try directory.commit() }

  /// Removes what is not committed; harmless after that.
  func discard() { directory.discard() }

  /// The image with its boxes, the best on top.
  private func picture(of image: [UInt8], _ boxes: [DetectedBox]) -> Picture {
    var picture = Picture(image, shape, factor: factor)
    for box in boxes.reversed() {
      let colour = Self.colours[box.label % Self.colours.count]
      // At least a pixel of the image, so that an empty box is seen.
      func span(_ low: Double, _ high: Double) -> Range<Int> {
        let first = Int((low * Double(factor)).rounded(.down))
        return first..<max(first + factor, Int((high * Double(factor)).rounded(.up)))
      }
      let (columns, rows) = (span(box.left, box.right), span(box.top, box.bottom))
      picture.outline(columns, rows, thickness: Self.thickness, colour)
      label(box, at: columns.lowerBound, rows.lowerBound, colour, in: &picture)
    }
    return picture
  }

  /// Writes class and score above a box, or in it where there is no room.
  private func label(
    _ box: DetectedBox, at left: Int, _ top: Int, _ colour: Colour, in picture: inout Picture
  ) {
    let text = box.className.printable(scalarLimit: 24) + " " + fixed(box.score, 2)
    let width = text.unicodeScalars.count * BitmapFont.advance + 1
    let height = BitmapFont.height + 2
    let column = max(0, min(left, picture.width - width))
    let row = top >= height ? top - height : min(top, picture.height - height)
    picture.fill(column..<column + width, row..<row + height, colour)
    picture.write(text, column: column + 1, row: row + 1, colour.contrast)
  }

  /// `image-00012.png`
  private static func fileName(_ index: Int) -> String {
    let digits = String(index)
    return "image-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".png"
  }
}
