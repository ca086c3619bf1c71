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

  @Test(
    "refuses npy of another element type with the conversion that its values call for",
    arguments: [
      ([0, 0.25, 1], "0 to 1: save (array * 255).round().astype('uint8')"),
      ([0, 0, 0], "0 to 0: save (array * 255).round().astype('uint8')"),
      ([0, 7, 255], "0 to 255: save array.astype('uint8')"),
      ([0, 7.5, 255], "0 to 255: save array.round().astype('uint8')"),
      (
        [-2.5, 0, 2.5],
        "-2.5 to 2.5, so they are normalized: undo the mean and std of training, save "
          + "((array * std + mean) * 255).round().clip(0, 255).astype('uint8') with mean and std of "
          + "shape [C, 1, 1]"
      ),
      (
        [-300, 0, 300.5],
        "-300 to 300.5: bring them to 0...255, then save "
          + "array.round().astype('uint8')"
      ),
    ] as [([Float], String)])
  func refusesFloats(values: [Float], remedy: String) throws {
    let floats = NumPyArray(values + values + values + values, shape: [1, 2, 2, 3])
    try expect(
      floats.npy(), as: "image.npy",
      "elements are float32, expected uint8 pixels of 0...255; its values are \(remedy)")
    let doubles = NumPyArray(
      .float64, shape: [1, 2, 2, 3],
      bytes: (values + values + values + values).flatMap { value in
        withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { Array($0) }
      })
    try expect(
      doubles.npy(), as: "image.npy",
      "elements are float64, expected uint8 pixels of 0...255; its values are \(remedy)")
  }

  @Test func `refuses values that are no numbers without advice to cast them`() throws {
    let floats = NumPyArray([Float](repeating: .nan, count: 12), shape: [1, 2, 2, 3])
    try expect(
      floats.npy(), as: "image.npy",
      "elements are float32, expected uint8 pixels of 0...255; it holds values that are infinite or "
        + "no number: check how it was made")
  }

  @Test(
    "refuses npy of another shape, with what to do where that is plain",
    arguments: [
      ([1, 2, 3, 2], "; save array.transpose(0, 3, 1, 2), channels first"),
      ([2, 2, 3], "; save array[None], one image"),
      ([2, 3, 2], "; save array.transpose(2, 0, 1)[None], one image"),
      ([1, 2, 3, 4], "; resize the images as in training, such as with tools/images --size 2x3"),
      ([12], ""),
    ] as [([Int], String)])
  func refusesShape(shape: [Int], remedy: String) throws {
    try expect(
      imageFile([UInt8](repeating: 0, count: shape.reduce(1, *)), shape: shape), as: "image.npy",
      "shape \(shape), expected [N, 2, 2, 3], the model's input\(remedy)")
  }

  @Test func `tells wrong type and wrong shape in one run`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let floats = NumPyArray([Float](repeating: 0.5, count: 12), shape: [1, 2, 3, 2])
      let input = try folder.write(floats.npy(), to: "i.npy")
      let result = try runProgram("adderrun", arguments: [model, input])
      #expect(result.status == 65)
      #expect(result.standardError.split(separator: "\n").count == 2)
    }
  }

  @Test(
    "tells files of other formats by their first bytes, whatever they are called",
    arguments: [
      (
        [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A, 0, 0, 0, 0], "is a PNG picture",
        "tools/images"
      ),
      (
        [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 8), "is a JPEG picture",
        "tools/images"
      ),
      (zipFile("images.npy"), "is an .npz archive", "numpy.load('FILE.npz')['images']"),
      (zipFile("x/data.pkl"), "is a PyTorch file", "torch.load('FILE.pt').numpy()"),
      (zipFile("a/0001.png"), "is a zip archive", "unpack it"),
      ([0x80, 4, 0x95] + [UInt8](repeating: 0, count: 8) + [0x2E], "is a pickle", "numpy.save"),
      ([0x1F, 0x8B, 8] + [UInt8](repeating: 0, count: 9), "is compressed with gzip", "gunzip"),
      (
        [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4] + [UInt8](repeating: 9, count: 8),
        "is an IDX file", "[16:].reshape(1, 2, 4)"
      ),
      (TestModels.classifier(), "is a compiled model", "in this place"),
    ] as [([UInt8], String, String)])
  func refusesForeignFiles(bytes: [UInt8], what: String, remedy: String) throws {
    for name in ["image.raw", "image.npy"] {
      try TemporaryDirectory.with { folder in
        let model = try folder.write(TestModels.picture(), to: "m.adb")
        let input = try folder.write(bytes, to: name)
        let result = try runProgram("adderrun", arguments: [model, input])
        #expect(result.status == 65)
        #expect(result.standardError.hasPrefix("adderrun: \(input): \(what)"), "\(result)")
        #expect(result.standardError.contains(remedy), "\(result)")
        #expect(result.outputBytes.isEmpty)
      }
    }
  }

  @Test func `warns of images that were cast from 0...1`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let input = try folder.write(
        imageFile((0..<12).map { UInt8($0 % 2) }, shape: [1, 2, 2, 3]), to: "i.npy")
      let result = try runProgram("adderrun", arguments: [model, input])
      #expect(result.status == 0)
      #expect(
        result.standardError.hasPrefix("adderrun: warning: \(input): no pixel is above 1, expected")
      )
    }
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

/// The first header of a zip archive, with the name of its first member.
private func zipFile(_ name: String) -> [UInt8] {
  Array("PK".utf8) + [3, 4] + [UInt8](repeating: 0, count: 22) + [UInt8(name.utf8.count), 0, 0, 0]
    + Array(name.utf8)
}
