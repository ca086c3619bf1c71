import ADBFormat
import CAdderSIMD

/// How two tensors are added, element by element.
final class AddStep: Sendable {
  let first: Int
  let second: Int
  let windows: WindowTables
  /// But for the addresses of both tensors.
  private let addition: Table<adder_addition>

  init(_ operation: Stored<Add>, of program: ProgramView) {
    first = Int(operation.first)
    second = Int(operation.second)
    let output = program.tensor(operation.output)
    windows = WindowTables(positionsOf: output)
    let requantizer = operation.requantizer
    let tables = (Int(requantizer.tableOffset), Int(operation.secondTableOffset))
    var addition = adder_addition()
    if requantizer.wide {
      let first = Stored<WideChannelEntry>(program.constants(at: tables.0)).value
      let second = Stored<WideChannelEntry>(program.constants(at: tables.1)).value
      addition.is_wide = 1
      addition.first = adder_addend(first.terms)
      addition.second = adder_addend(second.terms)
      // Σ ±((x − centre) << k) = Σ ±(x << k) − Σ ±(centre << k), modulo 2⁶⁴.
      addition.bias =
        first.bias &- FixedPoint.scaled(first.centre, by: first.terms)
        &+ second.bias &- FixedPoint.scaled(second.centre, by: second.terms)
    } else {
      let first = Stored<ChannelEntry>(program.constants(at: tables.0)).value
      let second = Stored<ChannelEntry>(program.constants(at: tables.1)).value
      addition.first = adder_addend(first.terms)
      addition.second = adder_addend(second.terms)
      addition.bias = Int64(
        first.bias &- FixedPoint.scaled(first.centre, by: first.terms)
          &+ second.bias &- FixedPoint.scaled(second.centre, by: second.terms))
    }
    addition.bias &+= addition.first.subtractedCount &+ addition.second.subtractedCount
    addition.first.type = program.tensor(operation.first).elementType.adderType
    addition.second.type = program.tensor(operation.second).elementType.adderType
    addition.channels = output.channels
    addition.offsets = UnsafePointer(windows.positions.start)
    self.addition = Table([addition])
  }

  /// Computes `count` positions from `first` on.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, from: Int,
    count: Int, first: UnsafeRawPointer, second: UnsafeRawPointer
  ) {
    var addition = addition.start.pointee
    addition.first.elements = first
    addition.second.elements = second
    kernels.pointee.add(&addition, scale, UInt32(from), UInt32(count))
  }
}

extension adder_addend {
  fileprivate init(_ terms: ScaleTerms) {
    self.init()
    let list = terms.list
    term_count = UInt32(list.count)
    withUnsafeMutableBytes(of: &shifts) { bytes in
      for (index, term) in list.enumerated() {
        bytes.bindMemory(to: UInt32.self)[index] = UInt32(term.shift)
      }
    }
    withUnsafeMutableBytes(of: &signs) { bytes in
      for (index, term) in list.enumerated() where term.subtracts {
        bytes.bindMemory(to: Int32.self)[index] = -1
      }
    }
  }

  /// What complements of terms lack to be their negatives.
  fileprivate var subtractedCount: Int64 {
    withUnsafeBytes(of: signs) { bytes in
      bytes.bindMemory(to: Int32.self).reduce(0) { $0 &- Int64($1) }
    }
  }
}
