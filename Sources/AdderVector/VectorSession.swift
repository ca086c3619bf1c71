import ADBFormat
import AdderRuntime
import CAdderSIMD

/// The memory of one run of a vector program, in which images run one after the other without further
/// allocation.
///
/// A class as it owns its memory.
package final class VectorSession {
  private let program: VectorProgram
  private let interpreter: Interpreter
  private let kernels: UnsafePointer<adder_simd>
  private let buffers: [Table<UInt8>]
  /// For each operation; nil for those of the interpreter.
  private let scales: [Scale?]
  private let headers: [Stored<OperationHeader>]
  private let sums: Table<Int32>
  private let scratch: Table<UInt8>

  /// What `adder_scale` points to.
  private struct Scale {
    let value: Table<adder_scale>
    let places: Table<adder_place>
  }

  /// - Parameter arena: At least the model's `arenaByteCount` bytes, at an address that is a multiple
  ///   of 4, which stay the session's as long as it lives.
  /// - Throws: `arenaTooShort` or `misalignedArena`.
  package init(
    _ program: VectorProgram, arena: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    self.program = program
    let interpreter = try Interpreter(program: program.view, arena: arena)
    kernels = program.instructionSet.kernels
    let buffers = program.buffers.map { buffer in
      let table = Table<UInt8>(count: buffer.byteCount, repeating: 0)
      buffer.fill(table.start)
      return table
    }
    sums = Table(count: Int(ADDER_CHUNK + ADDER_TILE) * Int(ADDER_BLOCK), repeating: 0)
    var scratchByteCount = 64
    var headers: [Stored<OperationHeader>] = []
    var scales: [Scale?] = []
    var cursor = program.view.operations
    while let header = cursor.next() {
      let operation = program.operations[headers.count]
      headers.append(header)
      scales.append(Self.scale(header, operation, program, interpreter, buffers))
      if case .adder(let step) = operation.work {
        scratchByteCount = max(scratchByteCount, step.scratchByteCount)
      }
    }
    self.headers = headers
    self.scales = scales
    self.buffers = buffers
    scratch = Table(count: scratchByteCount, repeating: 0)
    self.interpreter = interpreter
  }

  private static func scale(
    _ header: Stored<OperationHeader>, _ operation: VectorProgram.Operation,
    _ program: VectorProgram, _ interpreter: borrowing Interpreter, _ buffers: [Table<UInt8>]
  ) -> Scale? {
    let requantizer: Stored<Requantizer>
    switch StoredOperation(header.opcode, at: header.start) {
    case .adder2d(let record): requantizer = record.layer.requantizer
    case .conv2d(let record): requantizer = record.layer.requantizer
    case .averagePool(let record): requantizer = record.requantizer
    default: return nil
    }
    let entries: ScaleEntries
    switch operation.work {
    case .adder(let step): entries = step.entries
    case .product(let step): entries = step.entries
    case .pool(let step): entries = step.entries
    case .interpreter: return nil
    }
    var value = adder_scale()
    if case .narrow(_, let shape) = entries { value.shape = shape }
    value.shift = Int32(requantizer.shift)
    value.lowest = requantizer.outputMin
    value.highest = requantizer.outputMax
    if let residual = requantizer.residualTensor {
      value.residual = plainPlace(Int(residual), program, interpreter)
    }
    let places = operation.targets.map { target in
      switch target {
      case .arena(let tensor): plainPlace(tensor, program, interpreter)
      case .buffer(let index): program.buffers[index].place(in: buffers[index].start)
      }
    }
    let table = Table(places.isEmpty ? [adder_place()] : places)
    value.places = UnsafePointer(table.start)
    value.place_count = UInt32(places.count)
    return Scale(value: Table([value]), places: table)
  }

  private static func plainPlace(
    _ tensor: Int, _ program: VectorProgram, _ interpreter: borrowing Interpreter
  ) -> adder_place {
    var place = adder_place()
    place.base = interpreter.bytes(ofTensor: UInt32(tensor)).baseAddress
    place.offsets = program.plainOffsets[tensor].map { UnsafePointer($0.start) }
    place.type = program.view.tensor(UInt32(tensor)).elementType.adderType
    return place
  }

  /// The bytes of a tensor in the arena; meaningful where the program keeps it there.
  package func bytes(ofTensor index: UInt32) -> UnsafeMutableRawBufferPointer {
    interpreter.bytes(ofTensor: index)
  }

  /// The bytes of a bound tensor.
  package func bytes(ofBinding index: UInt32) -> UnsafeMutableRawBufferPointer {
    interpreter.bytes(ofBinding: index)
  }

  /// Computes the outputs from the inputs that the caller has written, and shows each operation once
  /// its output is complete.
  package func run(observing observe: (Int) -> Void) {
    for index in program.operations.indices {
      run(index)
      observe(index)
    }
  }

  /// Computes the outputs from the inputs that the caller has written.
  package func run() {
    for index in program.operations.indices { run(index) }
  }

  private func run(_ index: Int) {
    let operation = program.operations[index]
    guard let scale = scales[index] else {
      interpreter.run(headers[index], with: .automatic)
      return
    }
    var buffer = UnsafeMutableRawPointer(sums.start)
    if let index = operation.buffer {
      buffer = UnsafeMutableRawPointer(buffers[index].start)
      if operation.isStaged { stage(operation.input, to: index) }
    }
    switch operation.work {
    case .adder(let step):
      forEachChunk(step.windows.positionCount) { first, count in
        step.run(
          kernels, scale.value.start, first: first, count: count, buffer: buffer,
          scratch: scratch.start, sums: sums.start)
      }
    case .product(let step):
      forEachChunk(step.windows.positionCount) { first, count in
        step.run(
          kernels, scale.value.start, first: first, count: count, buffer: buffer,
          sums: sums.start)
      }
    case .pool(let step):
      let type = program.view.tensor(UInt32(operation.input)).elementType.adderType
      guard let input = interpreter.bytes(ofTensor: UInt32(operation.input)).baseAddress else {
        preconditionFailure("tensors have an address")
      }
      forEachChunk(step.windows.positionCount) { first, count in
        step.run(
          kernels, scale.value.start, first: first, count: count, input: input, type: type,
          sums: sums.start)
      }
    case .interpreter: break
    }
  }

  @inline(__always)
  private func forEachChunk(_ count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    var first = 0
    while first < count {
      let next = min(Int(ADDER_CHUNK), count - first)
      body(first, next)
      first += next
    }
  }

  private func stage(_ tensor: Int, to index: Int) {
    let record = program.view.tensor(UInt32(tensor))
    var place = program.buffers[index].place(in: buffers[index].start)
    adder_stage(
      interpreter.bytes(ofTensor: UInt32(tensor)).baseAddress, record.elementType.adderType,
      record.channels, &place, 0, record.height * record.width)
  }
}

extension ElementType {
  fileprivate var adderType: adder_element_type {
    switch self {
    case .uint8: ADDER_UINT8
    case .int16: ADDER_INT16
    case .int32: ADDER_INT32
    }
  }
}
