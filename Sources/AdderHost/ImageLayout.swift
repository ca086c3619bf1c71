import ADBFormat
import CommandLineSupport

/// Conversions between the orders of elements that files and the arena use.
///
/// `.npy` files hold [images, channels, height, width] as frameworks do; raw files and the arena
/// hold [height, width, channels] for each image.
package enum ImageLayout {
  /// Reorders one image from channels, rows, columns to rows, columns, channels.
  package static func channelsLast<Element>(
    _ planes: ArraySlice<Element>, _ shape: TensorShape
  ) -> [Element] {
    let area = shape.height * shape.width
    var result: [Element] = []
    result.reserveCapacity(planes.count)
    for position in 0..<area {
      for channel in 0..<shape.channels {
        result.append(planes[planes.startIndex + channel * area + position])
      }
    }
    return result
  }

  /// Reorders one image from rows, columns, channels to channels, rows, columns.
  package static func channelsFirst<Element>(
    _ pixels: ArraySlice<Element>, _ shape: TensorShape
  ) -> [Element] {
    let area = shape.height * shape.width
    var result: [Element] = []
    result.reserveCapacity(pixels.count)
    for channel in 0..<shape.channels {
      for position in 0..<area {
        result.append(pixels[pixels.startIndex + position * shape.channels + channel])
      }
    }
    return result
  }

  /// The images of an array as bytes in arena order.
  ///
  /// The array holds uint8, [images, channels, height, width], or [images, height, width] for one
  /// channel. Messages call it `origin`.
  ///
  /// - Throws: `malformed` for another type or shape, or no images.
  package static func images(
    of array: NumPyArray, shape: TensorShape, origin: String
  ) throws(CommandLineFailure) -> [[UInt8]] {
    let bytes = try array.uint8Values(of: origin)
    let expected = [shape.channels, shape.height, shape.width]
    let found = array.shape
    guard
      Array(found.dropFirst()) == expected
        || (shape.channels == 1 && Array(found.dropFirst()) == Array(expected.dropFirst()))
    else {
      throw CommandLineFailure(
        .malformed,
        "\(origin): shape \(found), expected [N, "
          + expected.map(String.init).joined(separator: ", ") + "], the model's input")
    }
    guard let count = found.first, count > 0 else {
      throw CommandLineFailure(.malformed, "\(origin): holds no image")
    }
    let stride = expected.reduce(1, *)
    return (0..<count).map {
      channelsLast(bytes[$0 * stride..<($0 + 1) * stride], shape)
    }
  }
}
