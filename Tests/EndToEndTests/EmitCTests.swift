import AdderTestSupport
import Foundation
import Testing

/// What `adderc emit-c` writes.
@Suite struct EmitCTests {
  /// The bytes of an array in generated C, read without a compiler.
  private func array(_ name: String, in file: String, _ folder: TemporaryDirectory) throws
    -> [UInt8]
  {
    let text = String(decoding: try folder.read(file), as: UTF8.self)
    let start = try #require(text.range(of: "const uint8_t \(name)["))
    let body = try #require(text[start.upperBound...].range(of: "] = {\n"))
    let end = try #require(text[body.upperBound...].range(of: "};"))
    return try text[body.upperBound..<end.lowerBound].split { $0 == "," || $0.isWhitespace }.map {
      try #require($0.hasPrefix("0x") ? UInt8($0.dropFirst(2), radix: 16) : nil)
    }
  }

  private func emit(_ folder: TemporaryDirectory, _ arguments: [String]) throws {
    let result = try runProgram(
      "adderc", arguments: ["emit-c"] + arguments, directory: folder.url)
    #expect(result.status == 0, "\(result.standardError)")
    #expect(result.standardError.isEmpty)
  }

  @Test func `gives the bundled model's bytes and what adderrun computes`() throws {
    try TemporaryDirectory.with { folder in
      #expect(try compileModel(folder, [], to: "fashion lenet-5.adb").status == 0)
      try emit(folder, ["fashion lenet-5.adb", "-o", ".", "--vectors", Bundled.images])
      let model = try folder.read("fashion lenet-5.adb")
      #expect(try array("fashion_lenet_5_data", in: "fashion_lenet_5.c", folder) == model)

      let run = try runProgram(
        "adderrun", arguments: ["fashion lenet-5.adb", Bundled.images, "-o", "-"],
        directory: folder.url)
      let outputs = try array(
        "fashion_lenet_5_vector_outputs", in: "fashion_lenet_5_vectors.c", folder)
      #expect(outputs == Array(run.outputBytes.prefix(4 * 10 * 4)))
      // One channel lies in an .npy file as in memory; its header takes 128 bytes.
      let images = Array(try Data(contentsOf: URL(fileURLWithPath: Bundled.images)))
      let inputs = try array(
        "fashion_lenet_5_vector_inputs", in: "fashion_lenet_5_vectors.c", folder)
      #expect(inputs == Array(images[128..<128 + 4 * 784]))
    }
  }

  @Test func `puts all inputs and all outputs of a case one behind the other`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.twoInputs(), to: "m.adb")
      try folder.write(imageFile([1, 2, 3, 4, 9, 9], shape: [3, 2, 1, 1]), to: "left.npy")
      try folder.write(imageFile([5, 6, 7, 8, 9, 9], shape: [3, 2, 1, 1]), to: "right.npy")
      try emit(
        folder,
        ["m.adb", "-o", ".", "--vectors", "left.npy", "--vectors", "right.npy", "--count", "2"])
      #expect(
        try array("m_vector_inputs", in: "m_vectors.c", folder) == [1, 2, 5, 6, 3, 4, 7, 8])
      #expect(
        try array("m_vector_outputs", in: "m_vectors.c", folder) == [
          105, 0, 106, 0, 2, 0, 0, 0, 3, 0, 0, 0, 107, 0, 108, 0, 4, 0, 0, 0, 5, 0, 0, 0,
        ])
    }
  }

  @Test func `turns images to the model's order, and takes all where there are few`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.picture(), to: "m.adb")
      let planes = imageFile(
        [0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105], shape: [1, 2, 2, 3])
      try folder.write(planes, to: "image.npy")
      try emit(folder, ["m.adb", "-o", ".", "--vectors", "image.npy"])
      let pixels: [UInt8] = [0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105]
      #expect(try array("m_vector_inputs", in: "m_vectors.c", folder) == pixels)
      #expect(
        try array("m_vector_outputs", in: "m_vectors.c", folder)
          == rawBytes(pixels.map(Int32.init)))
    }
  }

  @Test(
    "compiles without a warning and says what the model has", .enabled(if: CCompiler.path != nil))
  func compiles() throws {
    try TemporaryDirectory.with { folder in
      let names = ["a\"b\\??/*/", "", "grün\n\u{202E}"]
      let model = TestModels.classifier(
        classNames: names, names: ["*/ #error", "/**/*/\n#error", "\\", "*/"])
      try folder.write(model, to: "evil *⁄ name.adb")
      try folder.write(imageFile([1, 2, 3], shape: [1, 3, 1, 1]), to: "*_.npy")
      try emit(
        folder, ["evil *⁄ name.adb", "-o", ".", "--vectors", "*_.npy", "--prefix", "m"])
      try folder.write(
        Array(
          """
          #include "adder.h"
          #include "m.h"
          #include "m_vectors.h"
          #include <stdio.h>
          int main(void) {
            float scale = M_OUTPUT_0_SCALE;
            M_OUTPUT_0_C_TYPE zero_point = M_OUTPUT_0_ZERO_POINT;
            printf("%d %d %d %d %d %d %d\\n", M_INPUT_COUNT, M_INPUT_0_HEIGHT, M_INPUT_0_WIDTH,
                   M_INPUT_0_CHANNELS, M_INPUT_0_ELEMENTS, M_INPUT_0_BYTES,
                   M_INPUT_0_ELEMENT_TYPE == ADDER_UINT8);
            printf("%d %d %d %d %g %d %d\\n", M_OUTPUT_COUNT, M_OUTPUT_0_CHANNELS,
                   M_OUTPUT_0_ELEMENTS, M_OUTPUT_0_BYTES, (double)scale, (int)zero_point,
                   M_OUTPUT_0_ELEMENT_TYPE == ADDER_INT32);
            printf("%d %d %d\\n", M_OPERATIONS, (int)sizeof m_data == M_BYTE_COUNT,
                   (int)((uintptr_t)m_data % 16));
            printf("%d %d %d %d\\n", M_VECTOR_COUNT, M_VECTOR_INPUT_BYTES, M_VECTOR_OUTPUT_BYTES,
                   (int)sizeof m_vector_outputs);
            for (int i = 0; i < M_CLASS_COUNT; i++) printf("%s|", m_class_names[i]);
            fwrite(m_data, 1, sizeof m_data, stdout);
            return 0;
          }

          """.utf8), to: "print.c")
      #expect(try CCompiler.compile(["-c", "main.c", "-o", "main.o"], in: folder) == "")
      #expect(
        try CCompiler.compile(["print.c", "m.c", "m_vectors.c", "-o", "print"], in: folder) == "")
      let expected = """
        1 1 1 3 3 3 1
        1 3 3 12 0.5 10 1
        8 1 0
        1 3 12 12
        \(names.map { $0 + "|" }.joined())
        """
      #expect(try CCompiler.run("print", in: folder) == Array(expected.utf8) + model)
    }
  }

  @Test(
    "begins programs that compile, of every kind of model", .enabled(if: CCompiler.path != nil),
    arguments: [TestModels.classifier(), TestModels.picture(), TestModels.twoInputs()])
  func begins(model: [UInt8]) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(model, to: "m.adb")
      try emit(folder, ["m.adb", "-o", "c"])
      #expect(try CCompiler.compile(["-c", "c/main.c", "-o", "main.o"], in: folder) == "")
      #expect(try CCompiler.compile(["-c", "c/m.c", "-o", "m.o"], in: folder) == "")
    }
  }

  @Test func `prints what it wrote, as text and as JSON`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.classifier(), to: "m.adb")
      let arguments = ["emit-c", model, "-o", folder.path("c")]
      let text = try runProgram("adderc", arguments: arguments)
      #expect(text.standardOutput.contains("wrote         \(folder.path("c/m.h"))\n"))
      #expect(text.standardOutput.contains("wrote         \(folder.path("c/main.c"))\n"))
      let object = try jsonObject(try runProgram("adderc", arguments: arguments + ["--json"]))
      #expect(object["schema"] as? String == "adder-emit-c-1")
      #expect(object["prefix"] as? String == "m")
      #expect(object["operations_mask"] as? Int == 8)
      #expect(object["main"] as? String == "written")
      #expect(
        object["written"] as? [String] == ["m.h", "m.c", "main.c"].map { folder.path("c/\($0)") })
    }
  }

  @Test func `gives equal bytes for equal inputs`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try folder.write(imageFile([1, 2, 3], shape: [1, 3, 1, 1]), to: "image.npy")
      for directory in ["a", "b", "b/"] {
        try emit(folder, ["m.adb", "-o", directory, "--vectors", "image.npy"])
      }
      for name in ["m.h", "m.c", "m_vectors.h", "m_vectors.c", "main.c"] {
        #expect(try folder.read("a/\(name)") == folder.read("b/\(name)"), "\(name)")
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path("b")).count == 5)
    }
  }
}
