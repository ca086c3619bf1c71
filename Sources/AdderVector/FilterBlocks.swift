import ADBFormat
import CAdderSIMD

/// The filters of an adder layer, in blocks of output channels as kernels read them.
struct FilterBlocks: Sendable {
  struct Block: Sendable {
    let group: Int
    /// The output channels, of all groups.
    let channels: Range<Int>
    /// Where its filters begin in `packed`.
    let byteOffset: Int
    /// Where its channel entries begin.
    let entryOffset: Int
  }

  let lanes: Int
  let blocks: [Block]
  let packed: Table<UInt8>

  /// The bytes of the filters of a layer with so many for each, and the lanes of their blocks.
  static func size(
    _ patch: Stored<PatchLayout>, rowByteCount: Int
  ) -> (lanes: Int, byteCount: Int) {
    let isSmall = patch.outputChannels <= UInt32(ADDER_HALF_BLOCK)
    let lanes = Int(isSmall ? ADDER_HALF_BLOCK : ADDER_BLOCK)
    let blockCount = (Int(patch.outputChannels) + lanes - 1) / lanes
    return (lanes, Int(patch.groups) * blockCount * lanes * rowByteCount)
  }

  /// - Parameters:
  ///   - tapByteCount: The bytes of one tap's channels in the buffer, 0 for patches without gaps.
  ///   - rowByteCount: Those of a whole patch there, a multiple of `ADDER_STEP_BYTES`.
  init(
    _ operation: Stored<Adder2D>, of program: ProgramView, tapByteCount: Int, rowByteCount: Int,
    _ set: InstructionSet
  ) {
    let patch = operation.layer.patch
    let (lanes, byteCount) = Self.size(patch, rowByteCount: rowByteCount)
    self.lanes = lanes
    packed = Table(count: byteCount, repeating: 0)
    let filters = FilterReader(operation, of: program)
    let outputs = Int(patch.outputChannels)
    let rows = Table<UInt8>(count: lanes * rowByteCount, repeating: 0)
    var blocks: [Block] = []
    var byteOffset = 0
    var entryOffset = 0
    for group in 0..<Int(patch.groups) {
      for first in stride(from: 0, to: outputs, by: lanes) {
        let count = min(lanes, outputs - first)
        if count < lanes { rows.start.update(repeating: 0, count: rows.count) }
        for lane in 0..<count {
          filters.copy(
            group: group, filter: first + lane, to: rows.start + lane * rowByteCount,
            tapByteCount: tapByteCount)
        }
        adder_pack_filters(
          set.kernels, rows.start, UInt32(rowByteCount), UInt32(lanes),
          packed.start + byteOffset)
        let start = group * outputs + first
        blocks.append(
          Block(
            group: group, channels: start..<start + count, byteOffset: byteOffset,
            entryOffset: entryOffset))
        byteOffset += lanes * rowByteCount
        entryOffset += (count + 15) / 16
      }
    }
    self.blocks = blocks
  }
}

/// Filters as they lie in a model file: in pairs, whose words alternate.
private struct FilterReader {
  private let start: UnsafeRawPointer
  private let wordCount: Int
  private let pairByteCount: Int
  private let pairsOfGroup: Int
  private let byteCount: Int
  private let tapByteCount: Int
  private let isByte: Bool

  init(_ operation: Stored<Adder2D>, of program: ProgramView) {
    let patch = operation.layer.patch
    start = program.constants(at: Int(operation.filtersOffset))
    wordCount = Int(patch.wordCount)
    pairByteCount = 8 + 8 * wordCount
    pairsOfGroup = Int(patch.outputChannels + 1) / 2
    byteCount = Int(patch.elementCount << patch.elementType.shift)
    tapByteCount = Int(patch.inputChannels << patch.elementType.shift)
    isByte = patch.elementType == .uint8
  }

  /// Copies a filter, each tap's elements to the start of `tapStep` bytes, or one tap behind the other if
  /// that is 0; `int16` elements plus 2¹⁵.
  func copy(
    group: Int, filter: Int, to row: UnsafeMutablePointer<UInt8>, tapByteCount tapStep: Int
  ) {
    let pair = start + (group * pairsOfGroup + filter / 2) * pairByteCount + 8 + 4 * (filter % 2)
    let step = tapStep == 0 ? tapByteCount : tapStep
    var tap = 0
    var byte = 0
    if tapByteCount % 4 == 0 {
      // No tap ends inside a word.
      let flip: UInt32 = isByte ? 0 : 0x8000_8000
      let row = UnsafeMutableRawPointer(row)
      for word in 0..<wordCount {
        let value = pair.load(fromByteOffset: 8 * word, as: UInt32.self) ^ flip
        row.storeBytes(of: value, toByteOffset: tap + byte, as: UInt32.self)
        byte += 4
        if byte == tapByteCount {
          byte = 0
          tap += step
        }
      }
      return
    }
    // Elements never span two words.
    for index in 0..<byteCount {
      var value = pair.load(fromByteOffset: (index / 4) * 8 + index % 4, as: UInt8.self)
      if !isByte && index % 2 == 1 { value ^= 0x80 }
      row[tap + byte] = value
      byte += 1
      if byte == tapByteCount {
        byte = 0
        tap += step
      }
    }
  }
}
