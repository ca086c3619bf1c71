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
    transpose(planes, columnCount: shape.height * shape.width)
  }

  /// Reorders one image from rows, columns, channels to channels, rows, columns.
  package static func channelsFirst<Element>(
    _ pixels: ArraySlice<Element>, _ shape: TensorShape
  ) -> [Element] {
    transpose(pixels, columnCount: shape.channels)
  }

  private static func transpose<Element>(
    _ elements: ArraySlice<Element>, columnCount: Int
  ) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    for column in elements.indices.prefix(columnCount) {
      for index in stride(from: column, to: elements.endIndex, by: columnCount) {
        result.append(elements[index])
      }
    }
    return result
  }
}
