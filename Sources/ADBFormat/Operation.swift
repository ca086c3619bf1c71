import CAdderCore

/// The operations and their numbers in a model file, which are never reused.
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
  case depthToSpace = 11
  case lookup = 12
  case channelShuffle = 13

  /// Whether this build has the operation.
  ///
  /// A constant where the opcode is one, so that a firmware has no code of operations it was built
  /// without.
  @inline(__always)
  package var isAvailable: Bool { (adder_operations() &>> UInt32(rawValue)) & 1 != 0 }
}

#if !hasFeature(Embedded)
  extension Opcode: CaseIterable {
    /// The record of the operation.
    package var recordType: any OperationRecord.Type {
      switch self {
      case .adder2d: Adder2D.self
      case .conv2d: Conv2D.self
      case .requantize: Requantize.self
      case .add: Add.self
      case .maxPool: MaxPool.self
      case .averagePool: AveragePool.self
      case .concat: Concat.self
      case .upsampleNearest: UpsampleNearest.self
      case .pad: Pad.self
      case .flatten: Flatten.self
      case .depthToSpace: DepthToSpace.self
      case .lookup: Lookup.self
      case .channelShuffle: ChannelShuffle.self
      }
    }
  }
#endif

/// One step of a model's program, read in place.
package enum StoredOperation {
  case adder2d(Stored<Adder2D>)
  case conv2d(Stored<Conv2D>)
  case requantize(Stored<Requantize>)
  case add(Stored<Add>)
  case maxPool(Stored<MaxPool>)
  case averagePool(Stored<AveragePool>)
  case concat(Stored<Concat>)
  case upsampleNearest(Stored<UpsampleNearest>)
  case pad(Stored<Pad>)
  case flatten(Stored<Flatten>)
  case depthToSpace(Stored<DepthToSpace>)
  case lookup(Stored<Lookup>)
  case channelShuffle(Stored<ChannelShuffle>)

  /// The operation whose record begins at an address.
  @inline(__always)
  package init(_ opcode: Opcode, at start: UnsafeRawPointer) {
    switch opcode {
    case .adder2d: self = .adder2d(Stored(start))
    case .conv2d: self = .conv2d(Stored(start))
    case .requantize: self = .requantize(Stored(start))
    case .add: self = .add(Stored(start))
    case .maxPool: self = .maxPool(Stored(start))
    case .averagePool: self = .averagePool(Stored(start))
    case .concat: self = .concat(Stored(start))
    case .upsampleNearest: self = .upsampleNearest(Stored(start))
    case .pad: self = .pad(Stored(start))
    case .flatten: self = .flatten(Stored(start))
    case .depthToSpace: self = .depthToSpace(Stored(start))
    case .lookup: self = .lookup(Stored(start))
    case .channelShuffle: self = .channelShuffle(Stored(start))
    }
  }
}

extension Verifier {
  /// Verifies the record of an operation, if this build has it.
  mutating func verify(_ opcode: Opcode, at header: Stored<OperationHeader>) throws(ModelError) {
    switch StoredOperation(opcode, at: header.start) {
    case .adder2d(let record) where Opcode.adder2d.isAvailable: try verify(record)
    case .conv2d(let record) where Opcode.conv2d.isAvailable: try verify(record)
    case .requantize(let record) where Opcode.requantize.isAvailable: try verify(record)
    case .add(let record) where Opcode.add.isAvailable: try verify(record)
    case .maxPool(let record) where Opcode.maxPool.isAvailable: try verify(record)
    case .averagePool(let record) where Opcode.averagePool.isAvailable: try verify(record)
    case .concat(let record) where Opcode.concat.isAvailable: try verify(record)
    case .upsampleNearest(let record) where Opcode.upsampleNearest.isAvailable: try verify(record)
    case .pad(let record) where Opcode.pad.isAvailable: try verify(record)
    case .flatten(let record) where Opcode.flatten.isAvailable: try verify(record)
    case .depthToSpace(let record) where Opcode.depthToSpace.isAvailable: try verify(record)
    case .lookup(let record) where Opcode.lookup.isAvailable: try verify(record)
    case .channelShuffle(let record) where Opcode.channelShuffle.isAvailable: try verify(record)
    case .adder2d, .conv2d, .requantize, .add, .maxPool, .averagePool, .concat, .upsampleNearest,
      .pad, .flatten, .depthToSpace, .lookup, .channelShuffle:
      throw ModelError(.unavailableOperation, at: place(header, \.opcodeCode))
    }
  }
}
