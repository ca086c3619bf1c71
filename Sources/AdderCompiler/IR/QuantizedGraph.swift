import ADBFormat

/// A network in integers: the graph's nodes with integer parameters, before memory is planned.
///
/// Only ``quantize(_:distributions:options:)`` and ``fitRequantizers(_:against:on:progress:)`` make
/// one.
public struct QuantizedGraph: Sendable {
  public internal(set) var name: String
  public internal(set) var inputs: [GraphInput]
  public internal(set) var nodes: [QuantizedNode]
  public internal(set) var outputs: [String]
  /// Of every value, by name.
  public internal(set) var shapes: [String: TensorShape]
  public internal(set) var quantizations: [String: ValueQuantization]
}

/// How the integers of one value stand for real numbers: `(q − zeroPoint)·scale`.
public struct ValueQuantization: Equatable, Sendable {
  public var elementType: ElementType
  public var scale: Double
  public var zeroPoint: Int
  /// The integers that can occur.
  public var bounds: ClosedRange<Int>

  package init(
    elementType: ElementType, scale: Double, zeroPoint: Int, bounds: ClosedRange<Int>
  ) {
    self.elementType = elementType
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.bounds = bounds
  }

  /// The real numbers that the outermost integers stand for.
  var realBounds: ClosedRange<Double> {
    Double(bounds.lowerBound - zeroPoint) * scale...Double(bounds.upperBound - zeroPoint) * scale
  }

  /// The real number an integer stands for.
  package func real(_ q: Float) -> Float { Float((Double(q) - Double(zeroPoint)) * scale) }
}

public struct QuantizedNode: Sendable {
  public var name: String
  public var layerName: String
  public var operation: QuantizedOperation
  public var inputs: [String]
}

/// The operations of a quantized graph, one for each opcode of the model file.
public enum QuantizedOperation: Sendable {
  case adder2d(QuantizedLayer)
  case conv2d(QuantizedLayer)
  case requantize(FixedPointMap)
  /// The second table has one entry.
  case add(FixedPointMap, second: ChannelScale)
  case maxPool(Window)
  /// Unless padding counts, the map has an entry for each number of taps inside the input, from none
  /// to all.
  case averagePool(Window, FixedPointMap, countsPadding: Bool = true)
  case concat
  case lookup(LookupTables)
  case rearrange(Rearrangement)

  /// The name of the opcode, as docs/adb-format.md spells it.
  public var name: String { "\(opcode)" }

  private var opcode: Opcode {
    switch self {
    case .adder2d: .adder2d
    case .conv2d: .conv2d
    case .requantize: .requantize
    case .add: .add
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .concat: .concat
    case .lookup: .lookup
    case .rearrange(let rearrangement): rearrangement.opcode
    }
  }

  /// What it slides over its input; nil for an operation without filters.
  var layer: QuantizedLayer? {
    switch self {
    case .adder2d(let layer), .conv2d(let layer): layer
    case .requantize, .add, .maxPool, .averagePool, .concat, .lookup, .rearrange: nil
    }
  }

  /// Whether its filters are those of an adder layer.
  var isAdder: Bool { if case .adder2d = self { true } else { false } }

  /// An `adder2d` or a `conv2d`.
  static func windowed(_ layer: QuantizedLayer, isAdder: Bool) -> QuantizedOperation {
    isAdder ? .adder2d(layer) : .conv2d(layer)
  }

  /// The inputs, by place, that the output may lie upon, element upon element (docs/adb-format.md).
  package var inPlaceInputs: Range<Int> {
    switch self {
    case .adder2d(let layer), .conv2d(let layer): layer.addsResidual ? 1..<2 : 0..<0
    case .requantize, .lookup: 0..<1
    case .add: 0..<2
    case .maxPool, .averagePool, .concat, .rearrange: 0..<0
    }
  }
}

/// An adder layer or convolution with integer filters.
public struct QuantizedLayer: Sendable {
  /// In the steps of the patch for an adder layer.
  public var filters: FilterTensor<Int32>
  public var window: Window
  public var groups: Int
  public var patch: PatchQuantization
  /// What padded taps read, in patch elements, one per input channel.
  public var padValues: [Int]
  public var addsResidual: Bool
  /// The real-valued map that `map` approximates, per output channel.
  public var target: [ChannelTarget]
  public var map: FixedPointMap
  /// Of the map's multipliers, if not the arithmetic's default.
  public var mantissaBits: Int?
  /// Filter elements that the lossless clamp moved.
  public var clampedFilterElements: Int
}

/// The elements a layer's patch holds.
public struct PatchQuantization: Equatable, Sendable {
  public var elementType: ElementType
  /// How the input is converted; nil if it is read as it is.
  public var conversion: Conversion?

  /// `clamp(((x + 2^(shift−1)) >> shift) + offset, bounds)`
  public struct Conversion: Equatable, Sendable {
    public var shift: Int
    public var offset: Int
    public var bounds: ClosedRange<Int>

    package init(shift: Int, offset: Int, bounds: ClosedRange<Int>) {
      self.shift = shift
      self.offset = offset
      self.bounds = bounds
    }

    package func apply(_ x: Int) -> Int {
      let rounded = shift == 0 ? x : (x + (1 << (shift - 1))) >> shift
      return min(max(rounded + offset, bounds.lowerBound), bounds.upperBound)
    }
  }
}
