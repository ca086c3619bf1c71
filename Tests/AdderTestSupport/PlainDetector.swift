import ADBFormat
import AdderDetection

/// A model's outputs and what they become, computed from docs/arithmetic.md in 64 bits, with lists and a
/// sort.
package struct PlainDetector {
  private let header: Detection
  package let levels: [DetectionLevel]
  package let tensors: [TensorRecord]
  private let table: [UInt16]
  /// The elements of each tensor that a level names.
  package var elements: [UInt32: [Int32]] = [:]

  package init(_ model: ModelBuilder) {
    guard let detection = model.detection else { preconditionFailure("a detector") }
    (header, levels) = detection
    tensors = model.tensors
    table = (0...1024).map { index in
      let place = Int(detection.header.tableOffset) + 2 * index
      return UInt16(model.constants[place]) | UInt16(model.constants[place + 1]) << 8
    }
  }

  private static func rescale(_ v: Int32, _ s: Int8) -> Int {
    let largest = 1 << 23
    guard s > 0 else {
      let limit = largest >> Int(-s)
      return min(max(Int(v), -limit), limit) << Int(-s)
    }
    let limited = min(max(Int(v), -(1 << 30)), 1 << 30)
    return min(max((limited + 1 << (Int(s) - 1)) >> Int(s), -largest), largest)
  }

  private func logSigmoid(_ x: Int) -> Int {
    let (i, r) = (abs(x) >> 10, abs(x) & 1023)
    guard i < 1024 else { return min(x, 0) }
    let (first, second) = (Int(table[i]), Int(table[i + 1]))
    return min(x, 0) - (first - ((r * (first - second) + 512) >> 10))
  }

  /// All candidates in the order they are found.
  private func candidates() -> [Box] {
    let fraction = Int(header.fractionBits)
    let end = (
      x: Int(tensors[0].width) << fraction, y: Int(tensors[0].height) << fraction
    )
    var found: [Box] = []
    for (index, level) in levels.enumerated() {
      guard let logits = elements[level.classes], let sides = elements[level.distances],
        let centers = elements[level.centerness]
      else { preconditionFailure("elements of each output") }
      let shape = tensors[Int(level.classes)]
      for location in 0..<Int(shape.height * shape.width) {
        let (row, column) = (location / Int(shape.width), location % Int(shape.width))
        for label in 0..<Int(shape.channels) {
          let logit = logits[location * Int(shape.channels) + label]
          guard logit >= level.threshold else { continue }
          let half = 1 << (Int(level.strideShift) + fraction - 1)
          let (x, y) = ((2 * column + 1) * half, (2 * row + 1) * half)
          let d = sides[4 * location..<4 * location + 4].map {
            max(Self.rescale($0, level.distanceShift), 0)
          }
          var box = Box()
          box.left = UInt16(min(max(x - d[0], 0), end.x))
          box.top = UInt16(min(max(y - d[1], 0), end.y))
          box.right = UInt16(min(max(x + d[2], 0), end.x))
          box.bottom = UInt16(min(max(y + d[3], 0), end.y))
          box.label = UInt16(label)
          box.level = UInt16(index)
          box.score = Int32(
            logSigmoid(Self.rescale(logit, level.classShift))
              + logSigmoid(Self.rescale(centers[location], level.centernessShift)))
          box.place = UInt32(found.count)
          found.append(box)
        }
      }
    }
    return found
  }

  /// The boxes and the counts for a capacity.
  package func detect(capacity: Int) -> (boxes: [Box], counts: Detections) {
    let found = candidates()
    let limit = Int(header.candidateLimit)
    let best = found.sorted { ($1.score, $0.place) < ($0.score, $1.place) }
      .prefix(min(limit, capacity))
    var kept: [Box] = []
    for box in best where kept.count < Int(header.boxLimit) {
      if !kept.contains(where: { shares($0, box) }) { kept.append(box) }
    }
    var counts = Detections()
    counts.boxCount = UInt32(kept.count)
    counts.candidateCount = UInt32(found.count)
    counts.droppedCount = UInt32(min(found.count, limit) - best.count)
    return (kept, counts)
  }

  private func shares(_ a: Box, _ b: Box) -> Bool {
    func length(_ low: UInt16, _ high: UInt16) -> Int { max(Int(high) - Int(low), 0) }
    let both =
      length(max(a.left, b.left), min(a.right, b.right))
      * length(max(a.top, b.top), min(a.bottom, b.bottom))
    let union =
      length(a.left, a.right) * length(a.top, a.bottom)
      + length(b.left, b.right) * length(b.top, b.bottom) - both
    return a.label == b.label && 256 * both > Int(header.overlap) * union
  }
}
