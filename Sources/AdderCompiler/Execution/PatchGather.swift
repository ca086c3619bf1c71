import ADBFormat

/// Copies receptive fields, in the order channel, row, column.
struct PatchGather: Sendable {
  let inputShape: TensorShape
  let outputShape: TensorShape
  let window: Window
  let channelsPerGroup: Int
  /// One value per input channel, taken where a tap lies outside the image.
  let padValues: [Float]

  /// - Parameters:
  ///   - position: Index of the output position over all images, rows and columns.
  ///   - target: Room for kernel height · kernel width · `channelsPerGroup` elements.
  func patch(
    of position: Int, group: Int, from input: UnsafeBufferPointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    let (image, place) = position.quotientAndRemainder(
      dividingBy: outputShape.height * outputShape.width)
    let (row, column) = place.quotientAndRemainder(dividingBy: outputShape.width)
    let imageStart = image * inputShape.elementCount
    let firstChannel = group * channelsPerGroup
    let area = window.kernelHeight * window.kernelWidth
    for tapRow in 0..<window.kernelHeight {
      let y = row * window.strideHeight - window.padding.top + tapRow * window.dilationHeight
      for tapColumn in 0..<window.kernelWidth {
        let x =
          column * window.strideWidth - window.padding.left + tapColumn * window.dilationWidth
        let tap = target + (tapRow * window.kernelWidth + tapColumn)
        if y >= 0, y < inputShape.height, x >= 0, x < inputShape.width {
          let source =
            imageStart + (y * inputShape.width + x) * inputShape.channels + firstChannel
          for channel in 0..<channelsPerGroup { tap[channel * area] = input[source + channel] }
        } else {
          for channel in 0..<channelsPerGroup {
            tap[channel * area] = padValues[firstChannel + channel]
          }
        }
      }
    }
  }
}
