import ADBFormat
import Foundation

/// A function in integers: its tables, one for all channels or one each.
///
/// A table of a byte has an entry for each of its values. Of an `int16` number x, with
/// u = x + 2¹⁵ and s = `segmentShift`, it is a line between entries u >> s and the next one.
public struct LookupTables: Equatable, Sendable {
  public var tables: [[Int]]
  /// 0 for bytes.
  public var segmentShift: Int
  /// By how much more the entries between which lines run are shifted to the left.
  public var shift: Int
  public var bounds: ClosedRange<Int>

  package func apply(_ x: Int, channel: Int) -> Int {
    let table = tables[tables.count == 1 ? 0 : channel]
    guard segmentShift > 0 else { return clamp(table[x]) }
    let place = x + 32768
    let (index, rest) = (place >> segmentShift, place & ((1 << segmentShift) - 1))
    let sum = table[index] << segmentShift + rest * (table[index + 1] - table[index])
    return clamp((sum + (1 << shift) >> 1) >> shift)
  }

  private func clamp(_ y: Int) -> Int { min(max(y, bounds.lowerBound), bounds.upperBound) }
}

extension LookupTables {
  /// The most lines of a table that a smaller error is worth.
  private static let mostLines = 2048
  /// The error, in steps, that needs no more lines.
  private static let error = 1.5
  /// The most entries of all tables that are no bytes'.
  private static let mostEntries = 1 << 22
  /// The binary logarithm of what sums between two entries are below, with what rounds them.
  private static let sumBits = 31

  /// The tables of an activation between two values' integers.
  ///
  /// Of bytes every entry is the nearest integer. Of `int16` the fewest lines are taken whose error
  /// is at most one and a half steps, or ``mostLines``. Their ends have as many binary digits behind
  /// the point as 32 bits hold, at most eight.
  ///
  /// - Returns: nil if slopes are so large that 32 bits do not hold their lines.
  /// - Complexity: O(2¹⁶) for each of at most 11 sizes; O(channels) for slopes
  package init?(
    _ activation: Activation, from input: ValueQuantization, to output: ValueQuantization
  ) {
    self.init(tables: [], segmentShift: 0, shift: 0, bounds: output.bounds)
    func real(_ x: Int, _ channel: Int) -> Double {
      let y = activation.apply(Double(x - input.zeroPoint) * input.scale, channel: channel)
      return y / output.scale + Double(output.zeroPoint)
    }
    let channels = 0..<(activation.channels ?? 1)
    if input.elementType == .uint8 {
      tables = channels.map { channel in (0...255).map { nearest(real($0, channel)) } }
      return
    }
    let largest = channels.flatMap { [real(-32768, $0), real(32768, $0)] }
      .reduce(1) { max($0, abs($1) + 1) }
    func lines(_ segmentShift: Int) -> LookupTables {
      let digits =
        (0...8).last { largest < exp2(Double(Self.sumBits - segmentShift - $0)) } ?? 0
      let limit = exp2(Double(Self.sumBits - segmentShift)) - Double(1 << digits)
      return LookupTables(
        tables: channels.map { channel in
          stride(from: -32768, through: 32768, by: 1 << segmentShift).map {
            Int(min(max((real($0, channel) * Double(1 << digits)).rounded(), -limit), limit))
          }
        }, segmentShift: segmentShift, shift: segmentShift + digits, bounds: output.bounds)
    }
    if case .leakyRelu = activation {
      // Its corner is at an entry whatever the size, as its zero is.
      guard
        let segmentShift = (5...15).last(where: {
          largest < exp2(Double(Self.sumBits - $0))
        }), channels.count <= Self.mostEntries >> (16 - segmentShift)
      else { return nil }
      self = lines(segmentShift)
      return
    }
    let exact = input.bounds.map { x in
      min(max(real(x, 0), Double(bounds.lowerBound)), Double(bounds.upperBound))
    }
    self = lines(15)
    while 65536 >> segmentShift < Self.mostLines,
      zip(input.bounds, exact).contains(where: {
        abs(Double(apply($0, channel: 0)) - $1) > Self.error
      })
    {
      self = lines(segmentShift - 1)
    }
  }

  private func nearest(_ y: Double) -> Int { clamp(Int(min(max(y.rounded(), -0x1p40), 0x1p40))) }

  /// The entries as they lie in a model file, of the output's type where bytes have one each.
  func bytes(output: ElementType) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in tables.joined() {
      bytes.append(element: entry, of: segmentShift == 0 ? output : .int32)
    }
    return bytes
  }
}
