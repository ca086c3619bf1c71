import ADBFormat
import AdderTestSupport
import CAdder
import Foundation
import Testing

@Suite struct HeaderTests {
  private static let statuses = [
    ADDER_OK, ADDER_TRUNCATED, ADDER_MISALIGNED_MODEL, ADDER_NOT_A_MODEL,
    ADDER_UNSUPPORTED_VERSION, ADDER_WRONG_BYTE_COUNT, ADDER_WRONG_CHECKSUM,
    ADDER_ARENA_TOO_SHORT, ADDER_MISALIGNED_ARENA, ADDER_UNAVAILABLE_OPERATION,
    ADDER_NULL_POINTER, ADDER_NO_SUCH_TENSOR, ADDER_SELF_TEST_FAILED, ADDER_NO_DETECTION,
    ADDER_NO_CAPACITY,
  ]

  @Test func `every status has a number and a text of its own`() {
    #expect(Set(Self.statuses).count == Self.statuses.count)
    let texts = Self.statuses.map { String(cString: adder_status_text($0)) }
    let other = String(cString: adder_status_text(7))
    #expect(Set(texts + [other]).count == texts.count + 1)
    #expect(!texts.contains(""))
    // The reasons without a name of their own, and what is no status at all.
    for status in (-1...80 as ClosedRange<adder_status>) where !Self.statuses.contains(status) {
      #expect(String(cString: adder_status_text(status)) == other)
    }
  }

  @Test("an operation has its name", arguments: 0...UInt32(Opcode.allCases.count + 1))
  func operationName(opcode: UInt32) {
    let expected = Opcode(rawValue: UInt16(opcode)).map { "\($0)" }
    #expect(adder_operation_name(opcode).map { String(cString: $0) } == expected)
  }

  /// A program that uses every name of the header. Swift knows the size of an arena's state only
  /// from here.
  private static let program = """
    #include "adder.h"
    typedef char state_bytes[ADDER_STATE_BYTES == \(CModel.stateByteCount) ? 1 : -1];
    typedef char alignment[ADDER_ARENA_ALIGNMENT == \(MemoryLayout<UInt>.alignment) ? 1 : -1];
    typedef char no_words[ADDER_ARENA_WORDS(0) * 4 == ADDER_STATE_BYTES ? 1 : -1];
    typedef char one_word[ADDER_ARENA_WORDS(1) * 4 == ADDER_STATE_BYTES + 4 ? 1 : -1];
    typedef char box_bytes[sizeof(adder_box) == 20 ? 1 : -1];
    typedef char two_words[ADDER_ARENA_WORDS(8) * 4 == ADDER_STATE_BYTES + 8 ? 1 : -1];
    static uint32_t arena[ADDER_ARENA_WORDS(1234)];
    static void observe(void *context, uint32_t index, uint32_t opcode) {
      *(uint32_t *)context += index + (adder_operation_name(opcode) != 0);
    }
    const char *use(const void *data, uint32_t byte_count);
    const char *use(const void *data, uint32_t byte_count) {
      adder_model *model;
      adder_tensor input, output;
      uint32_t needed = 0;
      adder_status status = adder_get_arena_byte_count(data, byte_count, &needed);
      if (status == ADDER_OK && needed <= sizeof arena)
        status = adder_init(data, byte_count, arena, sizeof arena, &model);
      if (status != ADDER_OK) return adder_status_text(status);
      adder_get_input(model, 0, &input);
      adder_get_output(model, 0, &output);
      *(uint8_t *)input.data = (uint8_t)output.zero_point;
      adder_run_observed(model, observe, &needed);
      adder_self_test(model, input.data, output.data, 1);
      adder_detection detection;
      adder_box boxes[4];
      adder_detections found;
      status = adder_get_detection(model, &detection);
      if (status == ADDER_OK && detection.class_count + detection.level_count > 0)
        status = adder_detect(model, boxes, sizeof boxes / sizeof *boxes, &found);
      if (status == ADDER_OK && found.box_count > 0 && boxes[0].score >= ADDER_SCORE_50)
        needed = (uint32_t)(boxes[0].right - boxes[0].left) >> detection.fraction_bits;
      return adder_status_text(adder_run(model));
    }

    """

  @Test(
    "compiles without a warning",
    arguments: [
      ["cc", "-std=c99", "-x", "c"], ["cc", "-std=c11", "-x", "c"],
      ["clang", "-std=c99", "-x", "c"], ["c++", "-std=c++11", "-x", "c++"],
      ["clang++", "-std=c++11", "-x", "c++"],
    ])
  func compiles(command: [String]) throws {
    guard Self.isInstalled(command[0]) else { return }
    try TemporaryDirectory.with { folder in
      let source = try folder.write(Array(Self.program.utf8), to: "use.c")
      let headers = goldenDirectory().deletingLastPathComponent()
        .appendingPathComponent("Sources/CAdder/include").path
      let log = try folder.write([], to: "log")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments =
        command + ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I", headers]
        + [source]
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
      try process.run()
      process.waitUntilExit()
      let complaints = String(decoding: try folder.read("log"), as: UTF8.self)
      #expect(process.terminationStatus == 0 && complaints.isEmpty, "\(complaints)")
    }
  }

  /// Whether a folder of `PATH` holds a program.
  private static func isInstalled(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }
}
