import ADBFormat
import CAdderCore

extension Interpreter {
  /// Reads a function of each element from its channel's table. May run in place.
  ///
  /// Takes as long for every element: each bit between two entries adds something or zero.
  @inline(never)
  func lookup(_ operation: Stored<Lookup>) {
    let outputRecord = tensor(operation.output)
    // In bounds: both tensors have one shape, and so many elements.
    let input = UnsafeRawPointer(arena.address(of: tensor(operation.input)))
    let output = arena.address(of: outputRecord)
    let type = outputRecord.elementType
    let tableByteCount = operation.tableByteCount(output: outputRecord)
    let tables = constants.address(of: operation.tablesOffset, byteCount: tableByteCount)
    let tableStep = operation.tableCount == 1 ? 0 : Int(truncatingIfNeeded: tableByteCount)
    let segmentShift = Int32(operation.segmentShift)
    let count = Int(truncatingIfNeeded: outputRecord.elementCount)
    var index = 0
    while index < count {
      var table = tables
      var channelsLeft = outputRecord.channels
      while channelsLeft > 0 {
        let element: Int32
        if segmentShift == 0 {
          element = table.element(at: Int(input.element(at: index, .uint8)), type)
        } else {
          let place = input.element(at: index, .int16) &- ElementType.int16.minimum
          let entry = table + (Int(place &>> segmentShift) &<< 2)
          let first = entry.load(as: Int32.self)
          var difference = entry.load(fromByteOffset: 4, as: Int32.self) &- first
          // Half of what the shift leaves out, or nothing.
          let half = Int32(bitPattern: (1 &<< UInt32(operation.shift)) &>> 1)
          var sum = (first &<< segmentShift) &+ half
          var bits = Int(place)
          var bitsLeft = segmentShift
          while bitsLeft > 0 {
            sum &+= difference & (0 &- Int32(truncatingIfNeeded: bits & 1))
            difference &<<= 1
            bits = adder_opaque_number(bits &>> 1)
            bitsLeft &-= 1
          }
          element = sum &>> Int32(operation.shift)
        }
        output.store(
          FixedPoint.clamp(element, operation.outputMin, operation.outputMax), at: index, type)
        index &+= 1
        table += tableStep
        channelsLeft &-= 1
      }
    }
  }
}
