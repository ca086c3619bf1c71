import ADBFormat

/// Where the taps of receptive fields lie: sums are taken from the images as they are.
struct PatchTaps {
  let inputShape: TensorShape
  let outputShape: TensorShape
  let window: Window
  /// [images, height, width, channels]
  let input: UnsafePointer<Float>
  /// One value per input channel, taken where a tap lies outside the image.
  let padValues: UnsafePointer<Float>

  var area: Int { window.kernelHeight * window.kernelWidth }

  /// Writes the addresses of a patch's taps, row by row.
  ///
  /// - Parameters:
  ///   - position: Index of the output position over all images, rows and columns.
  ///   - firstChannel: The input channel that the addresses are of.
  ///   - target: Room for ``area`` addresses.
  func addresses(
    of position: Int, firstChannel: Int, into target: UnsafeMutablePointer<UnsafePointer<Float>?>
  ) {
    let (image, place) = position.quotientAndRemainder(
      dividingBy: outputShape.height * outputShape.width)
    let (row, column) = place.quotientAndRemainder(dividingBy: outputShape.width)
    let elements = input + image * inputShape.elementCount
    for tapRow in 0..<window.kernelHeight {
      let y = row * window.strideHeight - window.padding.top + tapRow * window.dilationHeight
      let tap = target + tapRow * window.kernelWidth
      for tapColumn in 0..<window.kernelWidth {
        let x =
          column * window.strideWidth - window.padding.left + tapColumn * window.dilationWidth
        let isInside = y >= 0 && y < inputShape.height && x >= 0 && x < inputShape.width
        let element =
          isInside ? elements + (y * inputShape.width + x) * inputShape.channels : padValues
        tap[tapColumn] = element + firstChannel
      }
    }
  }
}
