import ADBFormat
import CAdderSIMD

/// The channel entries of a requantizer as kernels read them, 16 channels together.
enum ScaleEntries: Sendable {
  case narrow(Table<adder_entries>)
  case wide(Table<adder_wide_entries>)

  /// The entries of the channels of each block, in order.
  ///
  /// - Parameters:
  ///   - blocks: The output channels of each block; every 16 of a block, and what is left, have an
  ///     element of the table.
  ///   - sharedEntry: The one of all channels; nil for each channel's, or the only one.
  init(
    _ requantizer: Stored<Requantizer>, of program: ProgramView, blocks: [Range<Int>],
    sharedEntry: Int? = nil
  ) {
    let rows = blocks.flatMap { block in
      stride(from: block.lowerBound, to: block.upperBound, by: 16).map {
        $0..<min($0 + 16, block.upperBound)
      }
    }
    func address(_ channel: Int) -> UnsafeRawPointer {
      let row = sharedEntry ?? (requantizer.entryCount == 1 ? 0 : channel)
      return program.constants(
        at: Int(requantizer.tableOffset) + row * Int(requantizer.entryByteCount))
    }
    if requantizer.wide {
      let table = Table<adder_wide_entries>(count: rows.count, repeating: adder_wide_entries())
      for (index, row) in rows.enumerated() {
        table.start[index] = adder_wide_entries(
          row.map { Stored<WideChannelEntry>(address($0)).value })
      }
      self = .wide(table)
    } else {
      let table = Table<adder_entries>(count: rows.count, repeating: adder_entries())
      for (index, row) in rows.enumerated() {
        table.start[index] = adder_entries(
          row.map { Stored<ChannelEntry>(address($0)).value })
      }
      self = .narrow(table)
    }
  }

  /// Entries that leave sums as they are.
  init(unscaled blocks: [Range<Int>]) {
    let entry = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms(low: 0xFFFF_FF00, high: .max))
    let count = blocks.reduce(0) { $0 + ($1.count + 15) / 16 }
    let entries = adder_entries([ChannelEntry](repeating: entry, count: 16))
    self = .narrow(Table(count: count, repeating: entries))
  }
}

/// A layout of terms in slots.
private struct SlotShape {
  let name: adder_entries_shape
  let added: Int
  let subtracted: Int
  let mixed: Int

  /// Cheapest first; the last holds all.
  static let all = [
    SlotShape(name: ADDER_ENTRIES_110, added: 1, subtracted: 1, mixed: 0),
    SlotShape(name: ADDER_ENTRIES_111, added: 1, subtracted: 1, mixed: 1),
    SlotShape(name: ADDER_ENTRIES_121, added: 1, subtracted: 2, mixed: 1),
    SlotShape(name: ADDER_ENTRIES_112, added: 1, subtracted: 1, mixed: 2),
    SlotShape(name: ADDER_ENTRIES_122, added: 1, subtracted: 2, mixed: 2),
    SlotShape(name: ADDER_ENTRIES_113, added: 1, subtracted: 1, mixed: 3),
    SlotShape(name: ADDER_ENTRIES_222, added: 2, subtracted: 2, mixed: 2),
    SlotShape(name: ADDER_ENTRIES_008, added: 0, subtracted: 0, mixed: 8),
  ]

  func holds(_ entry: ChannelEntry) -> Bool {
    let terms = entry.terms.list
    let subtractedCount = terms.count { $0.subtracts }
    let addedCount = terms.count - subtractedCount
    return max(0, addedCount - added) + max(0, subtractedCount - subtracted) <= mixed
  }
}

extension adder_entries {
  /// The entries of at most 16 channels; those of others give 0.
  fileprivate init(_ rows: [ChannelEntry]) {
    self.init()
    let layout = SlotShape.all.first { rows.allSatisfy($0.holds) } ?? SlotShape.all[7]
    let (added, subtracted) = (layout.added, layout.subtracted)
    var bias = [Int32](repeating: 0, count: 16)
    var shifts = [Int32](repeating: 32, count: 8 * 16)
    var signs = [Int32](repeating: 0, count: 8 * 16)
    for (lane, row) in rows.enumerated() {
      // Σ ±((acc − centre) << k) = Σ ±(acc << k) − Σ ±(centre << k), modulo 2³².
      bias[lane] = row.bias &- FixedPoint.scaled(row.centre, by: row.terms)
      var next = (added: 0, subtracted: added, mixed: added + subtracted)
      for term in row.terms.list {
        let slot: Int
        if !term.subtracts && next.added < added {
          slot = next.added
          next.added += 1
        } else if term.subtracts && next.subtracted < added + subtracted {
          slot = next.subtracted
          next.subtracted += 1
        } else {
          slot = next.mixed
          next.mixed += 1
          if term.subtracts {
            signs[16 * (slot - added - subtracted) + lane] = -1
            bias[lane] &+= 1
          }
        }
        shifts[16 * slot + lane] = term.shift
      }
    }
    shape = layout.name
    copy(bias, to: &self.bias)
    copy(shifts, to: &self.shifts)
    copy(signs, to: &self.signs)
  }
}

/// Copies numbers to the start of a C array.
private func copy<CArray>(_ numbers: [Int32], to array: inout CArray) {
  withUnsafeMutableBytes(of: &array) { array in
    numbers.withUnsafeBytes { array.copyMemory(from: $0) }
  }
}

extension ScaleTerms {
  /// The terms, first to last.
  var list: [(shift: Int32, subtracts: Bool)] {
    var terms: [(shift: Int32, subtracts: Bool)] = []
    for half in [low, high] {
      for byte in 0..<4 {
        let term = (half >> UInt32(8 * byte)) & 0xFF
        if term == 0xFF { return terms }
        terms.append((Int32(term & 63), term & 0x80 != 0))
      }
    }
    return terms
  }
}

extension adder_wide_entries {
  /// The entries of at most 16 channels; those of others give 0.
  fileprivate init(_ rows: [WideChannelEntry]) {
    self.init()
    slot_count = UInt32(rows.map { $0.terms.list.count }.max() ?? 0)
    withUnsafeMutableBytes(of: &shifts) { bytes in
      let numbers = bytes.bindMemory(to: UInt64.self)
      for index in numbers.indices { numbers[index] = 64 }
    }
    for (lane, row) in rows.enumerated() {
      // As in 32 bits, modulo 2⁶⁴.
      var bias = row.bias &- FixedPoint.scaled(row.centre, by: row.terms)
      for (slot, term) in row.terms.list.enumerated() {
        withUnsafeMutableBytes(of: &shifts) {
          $0.bindMemory(to: UInt64.self)[16 * slot + lane] = UInt64(term.shift)
        }
        guard term.subtracts else { continue }
        bias &+= 1
        withUnsafeMutableBytes(of: &signs) {
          $0.bindMemory(to: UInt64.self)[16 * slot + lane] = .max
        }
      }
      withUnsafeMutableBytes(of: &self.bias) { $0.bindMemory(to: Int64.self)[lane] = bias }
    }
  }
}
