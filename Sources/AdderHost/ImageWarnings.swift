import AdderText
import CommandLineSupport

/// What looks wrong with images that have the right type and shape.
///
/// - Parameters:
///   - images: For each input its images in arena order, as ``readImages(_:for:use:)`` returns them.
///   - paths: The files they come from, one for each input.
///   - calibrates: Whether ranges are measured on the images, which takes several different ones.
/// - Complexity: O(bytes)
package func imageWarnings(
  _ images: [[[UInt8]]], paths: [String], calibrates: Bool = false
) -> [String] {
  zip(images, paths).flatMap { images, path in
    warnings(of: images, named: InputFile.name(of: path), calibrates: calibrates)
  }
}

/// Fewer calibration images than this are said to be few.
package let fewCalibrationImages = 8

private func warnings(of images: [[UInt8]], named name: String, calibrates: Bool) -> [String] {
  let most = images.lazy.compactMap { $0.max() }.max() ?? 0
  let constants = images.count { image in image.allSatisfy { $0 == image[0] } }
  let isSinglePixel = images.allSatisfy { $0.count == 1 }
  var warnings: [String] = []
  // A few small images may be dark; images of one pixel are numbers.
  if most == 1, !isSinglePixel {
    warnings.append(
      "\(name): no pixel is above 1, expected 0...255; if they were cast from 0...1, save "
        + "(array * 255).round().astype('uint8') of the array before the cast")
  }
  guard calibrates else { return warnings }
  if constants == images.count, !isSinglePixel {
    let value = images[0][0]
    warnings.append(
      images.allSatisfy { $0[0] == value }
        ? "\(name): every pixel is \(value), expected training images; ranges measured on them mean "
          + "nothing"
        : "\(name): each image has one value everywhere, expected training images; ranges measured "
          + "on them mean nothing")
  } else if images.count > 1, images.allSatisfy({ $0 == images[0] }) {
    warnings.append(
      "\(name): all \(images.count) images are equal, expected different training images; they "
        + "count as one")
  } else if constants * 2 >= images.count, !isSinglePixel {
    warnings.append(
      "\(name): \(constants) of \(images.count) images have one value everywhere, expected training "
        + "images; look at how they were made")
  }
  if images.count < fewCalibrationImages {
    warnings.append(
      "\(name): \(images.count) \(images.count == 1 ? "image" : "images"), expected at least "
        + "\(fewCalibrationImages), better some hundred of the training images; ranges of few images "
        + "are chance")
  }
  return warnings
}
