import AdderTestSupport
import CommandLineSupport
import Testing

@Suite struct ReadImagesTests {
  /// Runs the picture model on one file and expects a message and no output.
  private func expect(
    _ bytes: [UInt8], as name: String, status: Int32 = 65, _ message: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let input = try folder.write(bytes, to: name)
      let result = try runProgram(
        "adderrun",
        arguments: [
          model, input, "-o", folder.path("out.npy"), "--dump-layers", folder.path("layers"),
        ])
      #expect(result.status == status, sourceLocation: location)
      #expect(
        result.standardError == "adderrun: \(input): \(message)\n", sourceLocation: location)
      #expect(result.outputBytes.isEmpty, sourceLocation: location)
      #expect(try folder.names() == [name, "m.adb"].sorted(), sourceLocation: location)
    }
  }

  @Test func `refuses raw bytes that are no whole images`() throws {
    try expect(
      [UInt8](repeating: 0, count: 13), as: "image.raw",
      "13 bytes, expected a multiple of 12 (height 2, width 3, channels 2), or an .npy file")
  }

  @Test func `refuses an empty file`() throws {
    try expect([], as: "image.raw", "holds no image")
  }

  @Test func `refuses npy of another element type`() throws {
    let floats = NumPyArray([Float](repeating: 0, count: 12), shape: [1, 2, 2, 3])
    try expect(
      floats.npy(), as: "image.npy",
      "elements are float32, expected uint8; save array.astype('uint8')")
  }

  @Test func `refuses npy of another shape`() throws {
    try expect(
      imageFile([UInt8](repeating: 0, count: 12), shape: [1, 2, 3, 2]), as: "image.npy",
      "shape [1, 2, 3, 2], expected [N, 2, 2, 3], the model's input")
  }

  @Test func `refuses npy without images`() throws {
    try expect(imageFile([], shape: [0, 2, 2, 3]), as: "image.npy", "holds no image")
  }

  @Test func `refuses a file whose name says npy and whose bytes do not`() throws {
    try expect(
      [UInt8](repeating: 0, count: 12), as: "image.npy",
      "is no .npy file; save the array with numpy.save")
  }

  @Test func `refuses cut npy`() throws {
    let bytes = imageFile([UInt8](repeating: 0, count: 12), shape: [1, 2, 2, 3])
    try expect(
      bytes.dropLast(), as: "image.npy",
      "holds 11 bytes of elements, expected 12 for shape [1, 2, 2, 3] of uint8; the file is "
        + "damaged, save it again")
  }

  @Test func `asks for a file for each input`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.twoInputs(), to: "m.adb")
      let image = try folder.write([1, 2], to: "image.raw")
      let images = try folder.write([1, 2, 3, 4], to: "images.raw")
      func message(_ arguments: String..., status: Int32) throws -> String {
        let result = try runProgram("adderrun", arguments: [model] + arguments)
        #expect(result.status == status, "\(arguments)")
        #expect(result.outputBytes.isEmpty)
        return result.standardError
      }
      #expect(
        try message(image, status: 64)
          == "adderrun: the model has 2 inputs ('left', 'right'); give --input NAME=FILE for each "
          + "in place of INPUT\n")
      #expect(
        try message("--input", "left=\(image)", status: 64)
          == "adderrun: missing --input 'right=FILE'; the model's inputs are 'left', 'right'\n")
      #expect(
        try message("--input", "lefft=\(image)", status: 64)
          == "adderrun: unknown input 'lefft'. Did you mean 'left'?\n")
      #expect(
        try message("--input", "left=\(image)", "--input", "right=\(images)", status: 65)
          == "adderrun: \(images): 2 images, expected 1 as in \(image)\n")
    }
  }
}
