import ADBFormat
import AdderTestSupport
import CommandLineSupport

/// Models whose outputs are plain to see: every element is a pixel plus a constant.
enum TestModels {
  /// Three classes, each the pixel of its channel: score (pixel − 10) / 2.
  static func classifier(
    classNames: [String] = ["cat", "dog", "frog"],
    names: [String] = ["pixels", "image", "scores", "copy one"]
  ) -> [UInt8] {
    var model = ModelBuilder()
    let image = model.input(1, 1, 3)
    let scores = model.tensor(1, 1, 3, .int32, scale: 0.5, zeroPoint: 10)
    appendCopy(from: image, to: scores, plus: 0, in: &model)
    model.output(scores)
    model.names = names
    model.classNames = classNames
    return model.bytes()
  }

  /// An image of 2 rows and 3 columns, copied to `int32`.
  static func picture(channels: Int = 2) -> [UInt8] {
    var model = ModelBuilder()
    let image = model.input(2, 3, channels)
    let output = model.tensor(2, 3, channels, .int32)
    appendCopy(from: image, to: output, plus: 0, in: &model)
    model.output(output)
    return model.bytes()
  }

  /// Inputs `left` and `right` of two pixels each; outputs `right` + 100 as int16 and `left` + 1 as
  /// int32, in this order.
  static func twoInputs() -> [UInt8] {
    var model = ModelBuilder()
    let left = model.input(1, 1, 2)
    let right = model.input(1, 1, 2)
    let first = model.tensor(1, 1, 2, .int16)
    let second = model.tensor(1, 1, 2, .int32)
    appendCopy(from: right, to: first, plus: 100, in: &model)
    appendCopy(from: left, to: second, plus: 1, in: &model)
    model.output(first)
    model.output(second)
    model.names = ["pair", "left", "right", "first", "second", "copy/right", "copy/right"]
    return model.bytes()
  }

  /// Five images of 2²⁸ bytes, of which the first is the output.
  static func giant() -> [UInt8] {
    var model = ModelBuilder()
    let first = model.input(1024, 1024, 256)
    for _ in 0..<4 { _ = model.input(1024, 1024, 256) }
    model.output(first)
    return model.bytes()
  }

  private static func appendCopy(
    from input: UInt32, to output: UInt32, plus bias: Int32, in model: inout ModelBuilder
  ) {
    let entry = ChannelEntry(centre: 0, bias: bias, terms: ScaleTerms((0, 1)))
    let requantizer = model.requantizer([entry], output: output)
    model.append(
      Requantize {
        $0.input = input
        $0.output = output
        $0.requantizer = requantizer
      })
  }
}

/// The bytes of little-endian 32-bit integers.
func rawBytes(_ values: [Int32]) -> [UInt8] { ModelBuilder.bytes(of: values, .int32) }

/// A `.npy` file of bytes.
func imageFile(_ values: [UInt8], shape: [Int]) -> [UInt8] {
  NumPyArray(values, shape: shape).npy()
}
