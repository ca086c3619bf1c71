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
  /// For each operation.
  private let prepared: [Prepared]
  private let scales: [Scale?]
  private let headers: [Stored<OperationHeader>]
  /// For each thread.
  private let sums: [Table<Int32>]
  private let scratch: [Table<UInt8>]
  /// The threads that share the positions of each operation; nil for the caller's alone.
  private let team: OpaquePointer?

  /// What an operation needs in every run, without what explains the program.
  private struct Prepared {
    let work: VectorProgram.Work
    /// Nil for those of the interpreter.
    let scale: UnsafePointer<adder_scale>?
    /// Where windows are read from, if it is not the arena.
    let buffer: UnsafeMutableRawPointer?
    let isShared: Bool
    let isStaged: Bool
  }

  /// What `adder_scale` points to.
  private struct Scale {
    let value: Table<adder_scale>
    let places: Table<adder_place>
  }

  /// - Parameters:
  ///   - arena: At least the model's `arenaByteCount` bytes, at an address that is a multiple of 4,
  ///     which stay the session's as long as it lives.
  ///   - threadCount: How many threads share an image, if the system gives them.
  /// - Throws: `arenaTooShort` or `misalignedArena`.
  package init(
    _ program: VectorProgram, arena: UnsafeMutableRawBufferPointer, threadCount: Int = 1
  ) throws(ModelError) {
    self.program = program
    let interpreter = try Interpreter(program: program.view, arena: arena)
    kernels = program.instructionSet.kernels
    let buffers = program.buffers.map { buffer in
      // Kernels of channels read whole blocks, of which they use what there is.
      let table = Table<UInt8>(count: buffer.byteCount + Int(ADDER_BLOCK), repeating: 0)
      buffer.fill(table.start)
      return table
    }
    var scratchByteCount = 64
    var headers: [Stored<OperationHeader>] = []
    var scales: [Scale?] = []
    var cursor = program.view.operations
    while let header = cursor.next() {
      let operation = program.operations[headers.count]
      headers.append(header)
      scales.append(Self.scale(header, operation, program, interpreter, buffers))
      scratchByteCount = max(scratchByteCount, operation.scratchByteCount)
    }
    prepared = zip(program.operations, scales).map { operation, scale in
      Prepared(
        work: operation.work, scale: scale.map { UnsafePointer($0.value.start) },
        buffer: operation.buffer.map { UnsafeMutableRawPointer(buffers[$0].start) },
        isShared: operation.isShared, isStaged: operation.isStaged)
    }
    self.headers = headers
    self.scales = scales
    self.buffers = buffers
    self.interpreter = interpreter
    let team = threadCount > 1 ? adder_team_begin(UInt32(threadCount)) : nil
    self.team = team
    let threads = 0..<(team == nil ? 1 : threadCount)
    sums = threads.map { _ in
      Table(count: Int(ADDER_CHUNK + ADDER_TILE) * Int(ADDER_BLOCK), repeating: 0)
    }
    scratch = threads.map { _ in Table(count: scratchByteCount, repeating: 0) }
  }

  deinit { if let team { adder_team_end(team) } }

  private static func scale(
    _ header: Stored<OperationHeader>, _ operation: VectorProgram.Operation,
    _ program: VectorProgram, _ interpreter: borrowing Interpreter, _ buffers: [Table<UInt8>]
  ) -> Scale? {
    let requantizer: Stored<Requantizer>?
    var clamp: (lowest: Int32, highest: Int32)?
    switch StoredOperation(header.opcode, at: header.start) {
    case .adder2d(let record): requantizer = record.layer.requantizer
    case .conv2d(let record): requantizer = record.layer.requantizer
    case .averagePool(let record): requantizer = record.requantizer
    case .requantize(let record): requantizer = record.requantizer
    case .add(let record): requantizer = record.requantizer
    case .lookup(let record):
      requantizer = nil
      clamp = (record.outputMin, record.outputMax)
    case .maxPool, .concat, .upsampleNearest, .pad, .flatten, .depthToSpace, .channelShuffle:
      requantizer = nil
    }
    clamp = clamp ?? requantizer.map { ($0.outputMin, $0.outputMax) }
    guard operation.hasTargets else { return nil }
    var value = adder_scale()
    let type = program.view.tensor(UInt32(operation.output)).elementType
    value.shift = Int32(requantizer?.shift ?? 0)
    value.lowest = clamp?.lowest ?? type.minimum
    value.highest = clamp?.highest ?? type.maximum
    if let residual = requantizer?.residualTensor {
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
    for index in prepared.indices {
      prepare(index)
      compute(index, part: 0, of: 1)
      observe(index)
    }
  }

  /// Computes the outputs from the inputs that the caller has written.
  package func run() {
    guard let team else {
      for index in prepared.indices {
        prepare(index)
        compute(index, part: 0, of: 1)
      }
      return
    }
    adder_team_run(
      team,
      { context, thread in
        guard let context else { return }
        Unmanaged<VectorSession>.fromOpaque(context).takeUnretainedValue().run(thread: thread)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// What one thread of a team does for an image: its part of each operation's positions, all of what
  /// is too short to share.
  private func run(thread: UInt32) {
    guard let team else { return }
    for index in prepared.indices {
      if thread == 0 { prepare(index) }
      if prepared[index].isShared {
        if prepared[index].isStaged { adder_team_barrier(team) }
        compute(index, part: Int(thread), of: sums.count)
      } else if thread == 0 {
        compute(index, part: 0, of: 1)
      }
      adder_team_barrier(team)
    }
  }

  /// Fills the buffer of an operation from the arena, if no other operation does.
  private func prepare(_ index: Int) {
    guard prepared[index].isStaged else { return }
    let operation = program.operations[index]
    if let buffer = operation.buffer { stage(operation.input, to: buffer) }
  }

  /// Computes a part of an operation's output positions, with the memory of the thread of that number.
  private func compute(_ index: Int, part: Int, of parts: Int) {
    let operation = prepared[index]
    guard let scale = operation.scale else {
      interpreter.run(headers[index], with: .automatic)
      return
    }
    let sums = sums[part].start
    let scratch = scratch[part].start
    let buffer = operation.buffer ?? UnsafeMutableRawPointer(scratch)
    switch operation.work {
    case .adder(let step):
      let range = range(of: part, of: parts, of: step.windows.positionCount)
      step.run(
        kernels, scale, first: range.lowerBound, count: range.count, buffer: buffer,
        scratch: scratch, sums: sums)
    case .channels(let step):
      forEachChunk(step.windows.positionCount, part, parts) { first, count in
        step.run(kernels, scale, first: first, count: count, buffer: buffer, sums: sums)
      }
    case .product(let step):
      forEachChunk(step.windows.positionCount, part, parts) { first, count in
        step.run(kernels, scale, first: first, count: count, buffer: buffer, sums: sums)
      }
    case .planes(let step):
      let rows = (step.rowCount + parts - 1) / parts
      let end = min(step.rowCount, rows * (part + 1))
      for row in stride(from: rows * part, to: end, by: step.chunkRowCount) {
        step.run(
          kernels, scale, firstRow: row, rowCount: min(step.chunkRowCount, end - row),
          buffer: buffer, scratch: scratch, sums: sums)
      }
    case .digits(let step):
      forEachChunk(step.windows.positionCount, part, parts) { first, count in
        step.run(
          kernels, scale, first: first, count: count, of: program.view, buffer: buffer,
          scratch: scratch, sums: sums)
      }
    case .pool(let step):
      let input =
        operation.buffer.map { UnsafeRawPointer($0) }
        ?? address(ofTensor: program.operations[index].input)
      forEachChunk(step.windows.positionCount, part, parts) { first, count in
        step.run(kernels, scale, first: first, count: count, input: input, sums: sums)
      }
    case .lookup(let step):
      let input = address(ofTensor: program.operations[index].input)
      forEachChunk(step.windows.positionCount, part, parts) { first, count in
        step.run(kernels, scale, first: first, count: count, input: input, sums: sums)
      }
    case .add(let step):
      let addends = (address(ofTensor: step.first), address(ofTensor: step.second))
      forEachChunk(step.windows.positionCount, part, parts) { first, count in
        step.run(
          kernels, scale, from: first, count: count, first: addends.0, second: addends.1)
      }
    case .copy(let step):
      for piece in step.pieces {
        let source: UnsafeRawPointer
        switch piece.source {
        case .tensor(let tensor): source = address(ofTensor: tensor)
        case .constants(let offset): source = program.view.constants(at: offset)
        }
        for range in piece.ranges {
          forEachChunk(range.count, part, parts) { first, count in
            step.run(
              piece, kernels, scale, first: range.lowerBound + first, count: count, source: source)
          }
        }
      }
    case .interpreter: break
    }
  }

  /// The address of a tensor in the arena.
  private func address(ofTensor tensor: Int) -> UnsafeRawPointer {
    guard let start = interpreter.bytes(ofTensor: UInt32(tensor)).baseAddress else {
      preconditionFailure("tensors have an address")
    }
    return UnsafeRawPointer(start)
  }

  /// The chunks of one of so many parts of `count` positions.
  @inline(__always)
  private func forEachChunk(
    _ count: Int, _ part: Int, _ parts: Int, _ body: (_ first: Int, _ count: Int) -> Void
  ) {
    let range = range(of: part, of: parts, of: count)
    for first in stride(from: range.lowerBound, to: range.upperBound, by: Int(ADDER_CHUNK)) {
      body(first, min(Int(ADDER_CHUNK), range.upperBound - first))
    }
  }

  /// One of so many parts of `count` positions: whole tiles, but for the last of all.
  private func range(of part: Int, of parts: Int, of count: Int) -> Range<Int> {
    let step = ((count + parts - 1) / parts).rounded(upTo: Int(ADDER_TILE))
    return min(count, part * step)..<min(count, (part + 1) * step)
  }

  private func stage(_ tensor: Int, to index: Int) {
    let record = program.view.tensor(UInt32(tensor))
    var place = program.buffers[index].place(in: buffers[index].start)
    kernels.pointee.stage(
      interpreter.bytes(ofTensor: UInt32(tensor)).baseAddress, record.elementType.adderType,
      record.channels, &place, 0, record.height * record.width)
  }
}

extension ElementType {
  var adderType: adder_element_type {
    switch self {
    case .uint8: ADDER_UINT8
    case .int16: ADDER_INT16
    case .int32: ADDER_INT32
    }
  }
}
