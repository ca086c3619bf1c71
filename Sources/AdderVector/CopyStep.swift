import ADBFormat
import CAdderSIMD

/// How elements are copied to other places or in another order: by runs of a tensor or of constants.
final class CopyStep: Sendable {
  enum Source: Sendable {
    case tensor(Int)
    case constants(offset: Int)
  }

  struct Piece: Sendable {
    let source: Source
    /// The first element of the run of each output position.
    let positions: Table<UInt32>
    /// The output positions that have runs.
    let ranges: [Range<Int>]
    /// Elements from one of a run to the next.
    let step: Int
    /// The elements of a run.
    let run: Int
    /// The channel that a run begins with.
    var firstChannel = 0
    /// How often all is repeated, one element further on, behind the run before.
    var turns = 1
  }

  let pieces: [Piece]
  private let type: ElementType

  private init(_ pieces: [Piece], _ type: ElementType) {
    self.pieces = pieces
    self.type = type
  }

  convenience init(_ operation: Stored<Concat>, of program: ProgramView) {
    let output = program.tensor(operation.output)
    var pieces: [Piece] = []
    var firstChannel = 0
    for index in operation.inputs {
      let input = program.tensor(index)
      let tables = WindowTables(positionsOf: input)
      pieces.append(
        Piece(
          source: .tensor(Int(index)), positions: tables.positions,
          ranges: [0..<tables.positionCount], step: 1, run: Int(input.channels),
          firstChannel: firstChannel))
      firstChannel += Int(input.channels)
    }
    self.init(pieces, output.elementType)
  }

  convenience init(_ operation: Stored<Pad>, of program: ProgramView) {
    let input = program.tensor(operation.input)
    let output = program.tensor(operation.output)
    let (width, channels) = (Int(output.width), Int(input.channels))
    // Runs of pad values all begin with the first.
    let positions = Table<UInt32>(count: Int(output.height) * width, repeating: 0)
    var inside: [Range<Int>] = []
    var outside: [Range<Int>] = []
    var end = 0
    var element: UInt32 = 0
    for row in 0..<Int(input.height) {
      let first = (row + Int(operation.padTop)) * width + Int(operation.padLeft)
      if first > end { outside.append(end..<first) }
      end = first + Int(input.width)
      inside.append(first..<end)
      for position in first..<end {
        positions.start[position] = element
        element += input.channels
      }
    }
    if positions.count > end { outside.append(end..<positions.count) }
    self.init(
      [
        Piece(
          source: .tensor(Int(operation.input)), positions: positions, ranges: inside, step: 1,
          run: channels),
        Piece(
          source: .constants(offset: Int(operation.padValuesOffset)), positions: positions,
          ranges: outside, step: 1, run: channels),
      ], output.elementType)
  }

  convenience init(_ operation: Stored<UpsampleNearest>, of program: ProgramView) {
    let input = program.tensor(operation.input)
    let output = program.tensor(operation.output)
    let channels = Int(input.channels)
    let positions = Self.positions(output) { row, column in
      let source = row / Int(operation.factorHeight) * Int(input.width)
      return (source + column / Int(operation.factorWidth)) * channels
    }
    self.init(
      [
        Piece(
          source: .tensor(Int(operation.input)), positions: positions,
          ranges: [0..<positions.count], step: 1, run: channels)
      ], output.elementType)
  }

  convenience init(_ operation: Stored<DepthToSpace>, of program: ProgramView) {
    let input = program.tensor(operation.input)
    let output = program.tensor(operation.output)
    let size = Int(operation.blockSize)
    let positions = Self.positions(output) { row, column in
      let source = (row / size * Int(input.width) + column / size) * Int(input.channels)
      return source + row % size * size + column % size
    }
    self.init(
      [
        Piece(
          source: .tensor(Int(operation.input)), positions: positions,
          ranges: [0..<positions.count], step: size * size, run: Int(output.channels))
      ], output.elementType)
  }

  convenience init(_ operation: Stored<ChannelShuffle>, of program: ProgramView) {
    let input = program.tensor(operation.input)
    let tables = WindowTables(positionsOf: input)
    self.init(
      [
        Piece(
          source: .tensor(Int(operation.input)), positions: tables.positions,
          ranges: [0..<tables.positionCount], step: Int(operation.groupChannels),
          run: Int(operation.groups), turns: Int(operation.groupChannels))
      ], input.elementType)
  }

  convenience init(_ operation: Stored<Flatten>, of program: ProgramView) {
    let input = program.tensor(operation.input)
    let (area, channels) = (Int(input.height) * Int(input.width), Int(input.channels))
    // Elements that lie in the order of the output are one run.
    let isInOrder = area == 1 || channels == 1
    self.init(
      [
        Piece(
          source: .tensor(Int(operation.input)), positions: Table(count: 1, repeating: 0),
          ranges: [0..<1], step: isInOrder ? 1 : channels,
          run: isInOrder ? area * channels : area, turns: isInOrder ? 1 : channels)
      ], input.elementType)
  }

  private static func positions(
    _ output: TensorRecord, _ element: (_ row: Int, _ column: Int) -> Int
  ) -> Table<UInt32> {
    let positions = Table<UInt32>(count: Int(output.height) * Int(output.width), repeating: 0)
    var index = 0
    for row in 0..<Int(output.height) {
      for column in 0..<Int(output.width) {
        positions.start[index] = UInt32(element(row, column))
        index += 1
      }
    }
    return positions
  }

  /// Copies `count` output positions of a piece from `first` on to every place.
  func run(
    _ piece: Piece, _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>,
    first: Int, count: Int, source: UnsafeRawPointer
  ) {
    var runs = adder_runs(
      elements: source, type: type.adderType, positions: UnsafePointer(piece.positions.start),
      step: UInt32(piece.step), run: UInt32(piece.run))
    for index in 0..<Int(scale.pointee.place_count) {
      var place = scale.pointee.places[index]
      let shift = place.type.byteShift
      place.base += piece.firstChannel << shift
      runs.elements = source
      for _ in 0..<piece.turns {
        kernels.pointee.copy(&runs, &place, UInt32(first), UInt32(count))
        runs.elements += 1 << Int(type.shift)
        place.base += piece.run << shift
      }
    }
  }
}

extension adder_element_type {
  /// The binary logarithm of the bytes of an element.
  fileprivate var byteShift: Int {
    switch self {
    case ADDER_UINT8: 0
    case ADDER_INT16, ADDER_BIASED: 1
    default: 2
    }
  }
}
