import ADBFormat

/// How much arithmetic an operation does for one image.
package struct OperationCounts: Equatable, Sendable {
  /// `|x − f|`, one for each tap of each output element; padding counts.
  package var absoluteDifferences = 0
  /// Additions and subtractions of signed binary digits: the taps of a convolution, the terms of
  /// requantizers, and the elements that a pool sums.
  package var additions = 0

  package init() {}

  /// The counts of two operations together, at most `Int.max`.
  package static func + (first: OperationCounts, second: OperationCounts) -> OperationCounts {
    var sum = OperationCounts()
    sum.absoluteDifferences = saturatingSum(first.absoluteDifferences, second.absoluteDifferences)
    sum.additions = saturatingSum(first.additions, second.additions)
    return sum
  }

  private static func saturatingSum(_ first: Int, _ second: Int) -> Int {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? .max : sum
  }

  /// Counts the work of a verified operation.
  init(of operation: Operation, in view: ProgramView) {
    let output = view.tensor(operation.output)
    let elements = Int(output.elementCount)
    let channels = Int(output.channels)
    let constants = ConstantCounter(view)
    switch operation {
    case .adder2d(let fields):
      absoluteDifferences = elements * Int(fields.patch.elementCount)
      additions = constants.terms(of: fields.requantizer, channels) * (elements / channels)
    case .conv2d(let fields):
      additions =
        (constants.taps(of: fields, channels) + constants.terms(of: fields.requantizer, channels))
        * (elements / channels)
    case .requantize(let fields):
      additions = constants.terms(of: fields.requantizer, channels) * (elements / channels)
    case .add(let fields):
      var second = fields.requantizer
      second.tableOffset = fields.secondTableOffset
      second.entryCount = 1
      let terms =
        constants.terms(of: fields.requantizer, channels) + constants.terms(of: second, channels)
      additions = terms * (elements / channels)
    case .averagePool(let fields):
      let window = Int(fields.window.kernelHeight) * Int(fields.window.kernelWidth)
      let terms = constants.terms(of: fields.requantizer, channels)
      additions = (window * channels + terms) * (elements / channels)
    case .maxPool, .concat, .upsampleNearest, .pad, .flatten:
      break
    }
  }
}

/// Counts digits in the constants of a verified model.
private struct ConstantCounter {
  private let bytes: UnsafeRawBufferPointer

  init(_ view: ProgramView) {
    bytes = view.constants
  }

  /// The terms that scale one position of all channels.
  func terms(of requantizer: Requantizer, _ channels: Int) -> Int {
    let entryByteCount = Int(requantizer.entryByteCount)
    let termOffset = entryByteCount - 8
    var count = 0
    for entry in 0..<Int(requantizer.entryCount) {
      let start = Int(requantizer.tableOffset) + entry * entryByteCount + termOffset
      count += bytes[start..<start + 8].count { $0 != 0xFF }
    }
    return requantizer.entryCount == 1 ? count * channels : count
  }

  /// The taps that all channels of a convolution add or subtract at one position.
  func taps(of operation: Conv2D, _ channels: Int) -> Int {
    var offset = Int(operation.digitsOffset)
    func next() -> Int {
      defer { offset += 2 }
      return Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
    }
    var count = 0
    for _ in 0..<channels {
      for _ in 0..<next() {
        let taps = next() + next()
        count += taps
        offset += 2 * taps
      }
    }
    return count
  }
}
