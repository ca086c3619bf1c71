import ADBFormat
import CAdderSIMD

/// How a convolution runs whose weights, elements or sums tables of products do not hold: patch by
/// patch, digit by digit.
final class DigitStep: Sendable {
  /// At most 16 output channels of one group.
  struct Block: Sendable {
    let group: Int
    let channels: Range<Int>
    /// Their digits, in bytes from the start of the constants.
    let digitsOffset: Int
  }

  let windows: WindowTables
  let taps: Table<UInt32>
  let blocks: [Block]
  let entries: ScaleEntries
  /// Elements from one group's to the next in the buffer.
  private let groupStep: UInt32
  private let type: adder_element_type

  init(_ operation: Stored<Conv2D>, of program: ProgramView, buffer: PatchBuffer) {
    let layer = operation.layer
    let patch = layer.patch
    windows = WindowTables(
      layer.window, output: program.tensor(layer.output), columns: buffer.columns,
      origin: buffer.origin,
      unit: buffer.positionStep)
    taps = Table(
      WindowTables.taps(
        layer.window, columns: buffer.columns, unit: buffer.positionStep,
        stepCount: buffer.groupStep, step: 1))
    groupStep = UInt32(buffer.groupStep)
    type = buffer.type
    var offset = Int(operation.digitsOffset)
    func next() -> Int {
      defer { offset += 2 }
      return Int(program.constants.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
    var blocks: [Block] = []
    let outputs = Int(patch.outputChannels)
    for group in 0..<Int(patch.groups) {
      for first in stride(from: 0, to: outputs, by: 16) {
        let start = group * outputs + first
        let channels = start..<start + min(16, outputs - first)
        blocks.append(Block(group: group, channels: channels, digitsOffset: offset))
        for _ in channels {
          for _ in 0..<next() {
            let tapCount = next() + next()
            offset += 2 * tapCount
          }
        }
      }
    }
    self.blocks = blocks
    entries = ScaleEntries(
      layer.requantizer, of: program, blocks: blocks.map(\.channels))
  }

  /// The bytes of a session that one thread widens a patch in.
  var scratchByteCount: Int { 4 * taps.count }

  /// Computes `count` output positions from `first` on.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, of program: ProgramView, buffer: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    let patch = scratch.assumingMemoryBound(to: Int32.self)
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: 16) { wideSums in
      guard let wide = wideSums.baseAddress else { return }
      for position in first..<first + count {
        var group = -1
        var start = windows.positions.start[position] &- groupStep
        var entryOffset = 0
        for block in blocks {
          while group < block.group {
            group += 1
            start &+= groupStep
            adder_widen_patch(buffer, type, start, taps.start, UInt32(taps.count), patch)
          }
          adder_digit_sums(
            patch,
            program.constants(at: block.digitsOffset).assumingMemoryBound(to: UInt16.self),
            UInt32(block.channels.count), wide)
          switch entries {
          case .wide(let table):
            kernels.pointee.scale_wide_position(
              scale, table.start + entryOffset, UInt32(position),
              UInt32(block.channels.lowerBound), UInt32(block.channels.upperBound), wide)
          case .narrow:
            for channel in 0..<16 { sums[channel] = Int32(truncatingIfNeeded: wide[channel]) }
            entries.scale(
              kernels, scale, at: entryOffset, first: position, count: 1,
              channels: block.channels, lanes: UInt32(ADDER_HALF_BLOCK), sums)
          }
          entryOffset += 1
        }
      }
    }
  }
}
