import ADBFormat
import AdderModel
import AdderTestSupport
import Testing

@Suite struct ArenaMapTests {
  private func text(_ map: ArenaMap) -> [String] {
    map.areas.map { "\($0.content) \($0.bytes) at \($0.moments)" }
  }

  @Test func `gives each tensor from its writer to its last reader, each patch one operation`()
    throws
  {
    let map = try Model(ModelBuilder.sample().bytes()).arenaMap
    #expect(map.moments == -1...11)
    #expect(
      text(map) == [
        "tensor(0) 0..<50 at -1...0",
        "tensor(1) 52..<150 at 0...1",
        "tensor(2) 152..<280 at 1...2",
        // Takes the place of 2; input and residual of 3, first operand of 4.
        "tensor(3) 152..<280 at 2...4",
        "scratch(1) 280..<320 at 1...1",
        "tensor(4) 320..<448 at 3...4",
        // Takes the place of 4; an output that 5 and 6 read again.
        "tensor(5) 320..<448 at 4...11",
        "scratch(3) 448..<488 at 3...3",
        "tensor(6) 488..<560 at 5...7",
        "tensor(7) 560..<632 at 6...7",
        "tensor(8) 632..<776 at 7...8",
        "tensor(9) 776..<784 at 8...9",
        "scratch(8) 784..<824 at 8...8",
        "tensor(10) 824..<872 at 9...10",
        "tensor(11) 872..<920 at 10...11",
      ])
  }

  @Test func `counts what is in use at each moment, once, in whole words`() throws {
    let map = try Model(ModelBuilder.sample().bytes()).arenaMap
    #expect(map.areas(at: 1).map(\.content) == [.tensor(1), .tensor(2), .scratch(1)])
    #expect(map.areas(at: 11).map(\.content) == [.tensor(5), .tensor(11)])
    #expect(
      map.moments.map(map.byteCount) == [
        52, 52 + 100, 100 + 128 + 40, 128, 128 + 128 + 40, 128 + 128, 128 + 72, 128 + 72 + 72,
        128 + 72 + 72 + 144, 128 + 144 + 8 + 40, 128 + 8 + 48, 128 + 48 + 48, 128 + 48,
      ])
    #expect(map.peak == (moment: 7, byteCount: 416))
  }

  @Test func `keeps an input that is an output from first to last, an unused one before the run`()
    throws
  {
    var builder = ModelBuilder()
    let kept = builder.input(1, 1, 4)
    let unused = builder.input(1, 1, 6)
    let result = builder.tensor(
      1, 1, 4, .uint8, at: builder.tensors[Int(unused)].arenaOffset)
    builder.append(
      Flatten {
        $0.input = kept
        $0.output = result
      })
    builder.output(kept)
    builder.output(result)
    let map = try Model(builder.bytes()).arenaMap
    #expect(
      text(map) == [
        "tensor(0) 0..<4 at -1...1", "tensor(1) 4..<10 at -1...-1",
        "tensor(2) 4..<8 at 0...1",
      ])
    #expect(map.moments.map(map.byteCount) == [12, 8, 8])
    #expect(map.peak == (moment: -1, byteCount: 12))
  }

  @Test func `keeps what no one reads while it is written`() throws {
    var builder = ModelBuilder()
    let image = builder.input(1, 1, 4)
    let unread = builder.tensor(1, 1, 4, .uint8)
    let result = builder.tensor(1, 1, 4, .uint8)
    builder.append(
      Flatten {
        $0.input = image
        $0.output = unread
      })
    builder.append(
      Flatten {
        $0.input = image
        $0.output = result
      })
    builder.output(result)
    let map = try Model(builder.bytes()).arenaMap
    #expect(map.areas.map(\.moments) == [-1...1, 0...0, 1...2])
  }

  @Test func `needs no operation`() throws {
    var builder = ModelBuilder()
    builder.output(builder.input(1, 1, 4))
    let map = try Model(builder.bytes()).arenaMap
    #expect(text(map) == ["tensor(0) 0..<4 at -1...0"])
    #expect(map.peak == (moment: -1, byteCount: 4))
  }
}
