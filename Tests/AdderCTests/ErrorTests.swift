import ADBFormat
import AdderRuntime
import AdderTestSupport
import CAdder
import Testing

@Suite struct ErrorTests {
  private static let bytes = RunTests.bytes

  /// The status of `adder_init` in an arena of 64 KiB; whether the handle is null has to follow from
  /// it.
  private func initialize(_ bytes: [UInt8], byteCount: Int? = nil) -> adder_status {
    let file = AlignedMemory(bytes)
    let arena = AlignedMemory(byteCount: 1 << 16)
    var handle: OpaquePointer? = OpaquePointer(arena.start)
    let status = adder_init(
      file.start, UInt32(byteCount ?? bytes.count), arena.start, arena.byteCount, &handle)
    #expect((handle == nil) == (status != ADDER_OK))
    #expect(arena.areGuardsIntact && file.areGuardsIntact && Array(file.readOnly) == bytes)
    return status
  }

  private func arenaStatus(_ bytes: [UInt8]) -> adder_status {
    var byteCount: UInt32 = 0
    let file = AlignedMemory(bytes)
    let status = adder_get_arena_byte_count(file.start, file.byteCount, &byteCount)
    #expect((byteCount == 0) == (status != ADDER_OK))
    return status
  }

  @Test func `refuses each null pointer`() throws {
    let file = AlignedMemory(Self.bytes)
    let model = try CModel(file)
    let (arena, count) = (AlignedMemory(byteCount: 1 << 12), UInt32(1 << 12))
    var handle: OpaquePointer? = model.handle
    var byteCount: UInt32 = 0
    var tensor = adder_tensor()
    let null = ADDER_NULL_POINTER
    #expect(adder_get_arena_byte_count(nil, file.byteCount, &byteCount) == null)
    #expect(adder_get_arena_byte_count(file.start, file.byteCount, nil) == null)
    #expect(adder_init(file.start, file.byteCount, arena.start, count, nil) == null)
    #expect(adder_init(nil, file.byteCount, arena.start, count, &handle) == null)
    #expect(handle == nil)
    handle = model.handle
    #expect(adder_init(file.start, file.byteCount, nil, count, &handle) == null)
    #expect(handle == nil)
    #expect(adder_get_input(nil, 0, &tensor) == null)
    #expect(adder_get_input(model.handle, 0, nil) == null)
    #expect(adder_get_output(nil, 0, &tensor) == null)
    #expect(adder_get_output(model.handle, 0, nil) == null)
    #expect(adder_run(nil) == null)
    #expect(adder_run_observed(nil, { _, _, _ in }, nil) == null)
    #expect(adder_run_observed(model.handle, nil, nil) == null)
    #expect(adder_self_test(nil, [0], [0], 0) == null)
    #expect(adder_self_test(model.handle, nil, [0], 0) == null)
    #expect(adder_self_test(model.handle, [0], nil, 0) == null)
    var detection = adder_detection()
    var box = adder_box()
    var found = adder_detections()
    #expect(adder_get_detection(nil, &detection) == null)
    #expect(adder_get_detection(model.handle, nil) == null)
    #expect(adder_detect(nil, &box, 1, &found) == null)
    #expect(adder_detect(model.handle, nil, 1, &found) == null)
    #expect(adder_detect(model.handle, &box, 1, nil) == null)
  }

  @Test func `refuses tensors that the model has not`() throws {
    let model = try CModel(Self.bytes)
    var tensor = adder_tensor()
    for index in [1, 2, 64, UInt32.max] {
      #expect(adder_get_input(model.handle, index, &tensor) == ADDER_NO_SUCH_TENSOR)
      guard index > 1 else { continue }
      #expect(adder_get_output(model.handle, index, &tensor) == ADDER_NO_SUCH_TENSOR)
    }
  }

  @Test func `refuses a model that is not at a multiple of 16`() {
    let arena = AlignedMemory(byteCount: 1 << 12)
    let file = AlignedMemory(byteCount: Self.bytes.count + 16)
    for shift in [1, 2, 4, 8, 15] {
      let start = file.start + shift
      start.copyMemory(from: Self.bytes, byteCount: Self.bytes.count)
      var handle: OpaquePointer? = OpaquePointer(start)
      #expect(
        adder_init(start, UInt32(Self.bytes.count), arena.start, arena.byteCount, &handle)
          == ADDER_MISALIGNED_MODEL)
      #expect(handle == nil)
    }
  }

  @Test func `refuses an arena that is misaligned or one byte too short`() {
    let file = AlignedMemory(Self.bytes)
    var byteCount: UInt32 = 0
    #expect(adder_get_arena_byte_count(file.start, file.byteCount, &byteCount) == ADDER_OK)
    for shift in 1..<MemoryLayout<UInt>.alignment {
      let arena = AlignedMemory(byteCount: Int(byteCount) + shift)
      var handle: OpaquePointer? = OpaquePointer(arena.start)
      #expect(
        adder_init(file.start, file.byteCount, arena.start + shift, byteCount, &handle)
          == ADDER_MISALIGNED_ARENA)
      #expect(handle == nil)
    }
    let state = UInt32(CModel.stateByteCount)
    for short in [byteCount - 1, byteCount - 4, state + 1, state, state - 1, 1, 0] {
      let arena = AlignedMemory(byteCount: Int(short))
      var handle: OpaquePointer? = OpaquePointer(file.start)
      #expect(
        adder_init(file.start, file.byteCount, arena.start, short, &handle)
          == ADDER_ARENA_TOO_SHORT, "\(short) of \(byteCount) bytes")
      #expect(handle == nil)
      #expect(arena.areGuardsIntact)
    }
    let arena = AlignedMemory(byteCount: Int(byteCount))
    var handle: OpaquePointer?
    #expect(adder_init(file.start, file.byteCount, arena.start, byteCount, &handle) == ADDER_OK)
  }

  @Test func `refuses a model cut anywhere`() {
    for count in 0..<Self.bytes.count {
      let cut = Array(Self.bytes[..<count])
      let expected = count < 32 ? ADDER_TRUNCATED : ADDER_WRONG_BYTE_COUNT
      #expect(initialize(cut) == expected, "\(count) bytes")
      #expect(arenaStatus(cut) == (count < 32 ? ADDER_TRUNCATED : ADDER_OK), "\(count) bytes")
    }
    #expect(initialize(Self.bytes + [0], byteCount: Self.bytes.count) == ADDER_OK)
    #expect(initialize(Self.bytes + [0]) == ADDER_WRONG_BYTE_COUNT)
    #expect(
      initialize(Self.bytes + [UInt8](repeating: 0, count: 16)) == ADDER_WRONG_BYTE_COUNT)
  }

  @Test func `refuses foreign bytes, other versions and damage`() {
    let foreign: [[UInt8]] = [
      [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xFF, count: 64),
      Array("GGUF".utf8) + [UInt8](repeating: 1, count: 60),
    ]
    for bytes in foreign {
      #expect(initialize(bytes) == ADDER_NOT_A_MODEL)
      #expect(arenaStatus(bytes) == ADDER_NOT_A_MODEL)
    }
    for version in [0, 2, 0xFF] as [UInt8] {
      var bytes = Self.bytes
      bytes[4] = version
      #expect(initialize(bytes) == ADDER_UNSUPPORTED_VERSION)
      #expect(arenaStatus(bytes) == ADDER_UNSUPPORTED_VERSION)
    }
    // Bytes 20 to 31 are reserved, and looked at before the checksum.
    for index in Array(12..<20) + Array(32..<Self.bytes.count) {
      var bytes = Self.bytes
      bytes[index] ^= 1 << UInt8(index % 8)
      #expect(initialize(bytes) == ADDER_WRONG_CHECKSUM, "byte \(index)")
    }
  }

  @Test func `other errors are the numbers of the verifier's reasons`() throws {
    var random = SplitMix64(seed: 64)
    var statuses: Set<adder_status> = []
    for _ in 0..<4_000 {
      var mutant = Self.bytes
      let index = Int.random(in: 16..<mutant.count, using: &random)
      mutant[index] = UInt8.random(in: 0...255, using: &random)
      ModelBuilder.seal(&mutant)
      var expected = ADDER_OK
      do throws(ModelError) {
        _ = try ProgramView(verifying: AlignedMemory(mutant).readOnly)
      } catch {
        expected = adder_status(error.reason.rawValue)
      }
      // A mutant may ask for any arena; the one given is 64 KiB.
      let status = initialize(mutant)
      if expected == ADDER_OK && status == ADDER_ARENA_TOO_SHORT { continue }
      #expect(status == expected, "byte \(index)")
      statuses.insert(status)
    }
    #expect(statuses.count > 15)
  }
}
