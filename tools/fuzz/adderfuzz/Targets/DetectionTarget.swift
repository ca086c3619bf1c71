import ADBFormat
import AdderDetection
import AdderTestSupport

/// Detectors whose section, outputs and memory the bytes choose; the boxes have to be those of a plain
/// computation in 64 bits.
struct DetectionTarget: FuzzTarget {
  static let name = "detection"
  private var count = 0
  private var acceptedCount = 0
  private var boxedCount = 0

  var statistics: [(name: String, count: Int)] {
    [("read", count), ("accepted", acceptedCount), ("ran", boxedCount)]
  }

  mutating func run(_ bytes: [UInt8]) {
    count += 1
    var source = ByteSource(bytes[...])
    let builder = Self.detector(&source)
    let image = ExactMemory(builder.bytes())
    do throws(ModelError) {
      let view = try ProgramView(verifying: UnsafeRawBufferPointer(image.bytes))
      guard let detector = try Detector(view) else { fatalError("finding: no detector") }
      acceptedCount += 1
      compare(detector, PlainDetector(builder), &source)
    } catch {
      check(error.byteOffset < image.bytes.count, "an error at byte \(error.byteOffset)")
    }
  }

  /// A detector of small extents, with any fields, mostly in their ranges.
  private static func detector(_ source: inout ByteSource) -> ModelBuilder {
    let shifts = (0..<source.integer(in: 1...3)).map { _ in UInt8(source.integer(in: 0...5)) }
    let classCount = source.integer(in: 1...5)
    var choices = source
    let builder = ModelBuilder.detector(
      height: source.integer(in: 1...24), width: source.integer(in: 1...24),
      classCounts: shifts.map { _ in classCount }, strideShifts: shifts
    ) { header, levels in
      choices = ByteSource(choices.bytes(128)[...])
      change(&header, &choices)
      for index in levels.indices { change(&levels[index], &choices) }
      if choices.byte() & 15 == 0, let first = levels.first { levels.append(first) }
    }
    _ = source.bytes(64)
    return builder
  }

  private static func change(_ header: inout Detection, _ choices: inout ByteSource) {
    header.fractionBits = UInt8(choices.integer(in: 1...8))
    header.overlap = choices.byte()
    header.candidateLimit = UInt16(1 + choices.integer(in: 0...255) * choices.integer(in: 1...16))
    header.boxLimit = UInt16(1 + choices.integer(in: 0...Int(header.candidateLimit) - 1))
    switch choices.byte() {
    case 0: header.boxLimit = .max
    case 1: header.fractionBits = choices.byte()
    case 2: header.tableOffset = UInt32(choices.byte())
    case 3: header.reserved = 1
    case 4: header.scoreThresholdBits = UInt32(choices.byte()) << 24
    default: break
    }
  }

  private static func change(_ level: inout DetectionLevel, _ choices: inout ByteSource) {
    level.threshold = Self.element(&choices)
    level.classShift = Int8(choices.integer(in: -23...30))
    level.distanceShift = Int8(choices.integer(in: -23...30))
    level.centernessShift = Int8(choices.integer(in: -23...30))
    switch choices.byte() {
    case 0: level.strideShift = choices.byte()
    case 1: level.classShift = Int8(bitPattern: choices.byte())
    case 2: level.classes = UInt32(choices.byte())
    case 3: level.distances = UInt32(choices.byte())
    case 4: level.centerness = UInt32(choices.byte())
    default: break
    }
  }

  /// An element of an output: an ordinary one, or one near a power of two.
  private static func element(_ source: inout ByteSource) -> Int32 {
    let byte = Int32(source.byte())
    if byte < 160 { return 16 * (byte - 128) }
    let power = (1 as Int32) << (byte & 31)
    return byte & 32 == 0 ? power &- Int32(source.byte() & 3) : 0 &- power
  }

  private mutating func compare(
    _ detector: Detector, _ plainDetector: PlainDetector, _ source: inout ByteSource
  ) {
    var plain = plainDetector
    var memories: [UInt32: ExactMemory] = [:]
    for level in plain.levels {
      for tensor in [level.classes, level.distances, level.centerness]
      where memories[tensor] == nil {
        let elements = (0..<Int(plain.tensors[Int(tensor)].elementCount)).map { _ in
          Self.element(&source)
        }
        plain.elements[tensor] = elements
        memories[tensor] = ExactMemory(ModelBuilder.bytes(of: elements, .int32))
      }
    }
    let capacity = 1 + source.integer(in: 0...255) * source.integer(in: 1...8)
    let boxByteCount = MemoryLayout<Box>.size
    let isShort = PlantedDefect.current == .shortBoxes
    let memory = ExactMemory(
      byteCount: capacity * boxByteCount, hiddenByteCount: isShort ? boxByteCount : 0)
    let boxes = memory.bytes.bindMemory(to: Box.self)
    let found = detector.detect(into: boxes) { index in
      guard let start = memories[index]?.bytes.baseAddress else {
        fatalError("finding: tensor \(index) is of no level")
      }
      return UnsafeRawPointer(start)
    }
    let expected = plain.detect(capacity: capacity)
    check(found == expected.counts, "\(found), expected \(expected.counts)")
    check(
      Array(boxes.prefix(Int(found.boxCount))) == expected.boxes,
      "boxes differ from those of a plain computation")
    if found.boxCount > 0 { boxedCount += 1 }
  }
}
