import ADBFormat

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
}
