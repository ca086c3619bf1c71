/// One step of a model's program.
public enum Operation: Equatable, Sendable {
  case adder2d(Adder2D)
  case conv2d(Conv2D)
  case requantize(Requantize)
  case add(Add)
  case maxPool(MaxPool)
  case averagePool(AveragePool)
  case concat(Concat)
  case upsampleNearest(UpsampleNearest)
  case pad(Pad)
  case flatten(Flatten)

  /// The numbers of the operations in a model file; they are never reused.
  public enum Opcode: UInt16, Sendable {
    case adder2d = 1
    case conv2d = 2
    case requantize = 3
    case add = 4
    case maxPool = 5
    case averagePool = 6
    case concat = 7
    case upsampleNearest = 8
    case pad = 9
    case flatten = 10
  }

  /// Reads a whole record.
  ///
  /// - Throws: `unknownOpcode`, `wrongRecordByteCount`, and what the fields throw.
  public init(from reader: inout ByteReader) throws(ModelError) {
    let header = try RecordHeader(from: &reader)
    switch header.opcode {
    case .adder2d: self = .adder2d(try header.record(from: &reader))
    case .conv2d: self = .conv2d(try header.record(from: &reader))
    case .requantize: self = .requantize(try header.record(from: &reader))
    case .add: self = .add(try header.record(from: &reader))
    case .maxPool: self = .maxPool(try header.record(from: &reader))
    case .averagePool: self = .averagePool(try header.record(from: &reader))
    case .concat: self = .concat(try header.record(from: &reader))
    case .upsampleNearest: self = .upsampleNearest(try header.record(from: &reader))
    case .pad: self = .pad(try header.record(from: &reader))
    case .flatten: self = .flatten(try header.record(from: &reader))
    }
  }

  /// Writes the record; behind that of a `concat` the caller appends the inputs.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt16(opcode.rawValue)
    sink.appendUInt16(UInt16(truncatingIfNeeded: byteCount))
    switch self {
    case .adder2d(let fields): fields.write(to: &sink)
    case .conv2d(let fields): fields.write(to: &sink)
    case .requantize(let fields): fields.write(to: &sink)
    case .add(let fields): fields.write(to: &sink)
    case .maxPool(let fields): fields.write(to: &sink)
    case .averagePool(let fields): fields.write(to: &sink)
    case .concat(let fields): fields.write(to: &sink)
    case .upsampleNearest(let fields): fields.write(to: &sink)
    case .pad(let fields): fields.write(to: &sink)
    case .flatten(let fields): fields.write(to: &sink)
    }
  }

  /// The number of the operation in a model file.
  public var opcode: Opcode {
    switch self {
    case .adder2d: .adder2d
    case .conv2d: .conv2d
    case .requantize: .requantize
    case .add: .add
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .concat: .concat
    case .upsampleNearest: .upsampleNearest
    case .pad: .pad
    case .flatten: .flatten
    }
  }

  /// The size of the whole record.
  public var byteCount: UInt32 {
    switch self {
    case .adder2d: Adder2D.byteCount
    case .conv2d: Conv2D.byteCount
    case .requantize: Requantize.byteCount
    case .add: Add.byteCount
    case .maxPool: MaxPool.byteCount
    case .averagePool: AveragePool.byteCount
    case .concat(let fields): fields.byteCount
    case .upsampleNearest: UpsampleNearest.byteCount
    case .pad: Pad.byteCount
    case .flatten: Flatten.byteCount
    }
  }

  /// The tensor written.
  public var output: UInt32 {
    switch self {
    case .adder2d(let fields): fields.output
    case .conv2d(let fields): fields.output
    case .requantize(let fields): fields.output
    case .add(let fields): fields.output
    case .maxPool(let fields): fields.output
    case .averagePool(let fields): fields.output
    case .concat(let fields): fields.output
    case .upsampleNearest(let fields): fields.output
    case .pad(let fields): fields.output
    case .flatten(let fields): fields.output
    }
  }
}
