import ADBFormat
import CAdderSIMD

/// How a function is read from tables, element by element.
final class LookupStep: Sendable {
  let windows: WindowTables
  let blocks: [Range<Int>]
  let entries: ScaleEntries
  private let tables: Table<Int32>
  /// But for the address of the tensor.
  private let lookup: Table<adder_lookup>

  init(_ operation: Stored<Lookup>, of program: ProgramView) {
    let output = program.storedTensor(operation.output)
    windows = WindowTables(positionsOf: output.value)
    blocks = PoolStep.blocks(Int(output.channels))
    entries = ScaleEntries(unscaled: blocks)
    let isByte = operation.segmentShift == 0
    let type = operation.entryType(output: output.elementType)
    let entryCount = Int(operation.tableByteCount(output: output) >> type.shift)
    tables = Table(count: entryCount * Int(operation.tableCount), repeating: 0)
    let start = program.constants(at: Int(operation.tablesOffset))
    for index in 0..<tables.count {
      let offset = index << Int(type.shift)
      tables.start[index] =
        switch type {
        case .uint8: Int32(start.load(fromByteOffset: offset, as: UInt8.self))
        case .int16: Int32(start.load(fromByteOffset: offset, as: Int16.self))
        case .int32: start.load(fromByteOffset: offset, as: Int32.self)
        }
    }
    lookup = Table([
      adder_lookup(
        elements: nil, type: isByte ? ADDER_UINT8 : ADDER_INT16,
        positions: UnsafePointer(windows.positions.start), tables: UnsafePointer(tables.start),
        table_step: operation.tableCount == 1 ? 0 : UInt32(entryCount),
        segment_shift: UInt32(operation.segmentShift), shift: UInt32(operation.shift))
    ])
  }

  /// Computes `count` positions from `first` on.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, input: UnsafeRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    var lookup = lookup.start.pointee
    lookup.elements = input
    var entryOffset = 0
    for block in blocks {
      adder_look_up(
        &lookup, UInt32(first), UInt32(count), UInt32(block.lowerBound), UInt32(block.upperBound),
        UInt32(ADDER_BLOCK), sums)
      entries.scale(
        kernels, scale, at: entryOffset, first: first, count: count, channels: block,
        lanes: UInt32(ADDER_BLOCK), sums)
      entryOffset += 2
    }
  }
}
