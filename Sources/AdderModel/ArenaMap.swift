/// The arena over time: what takes which bytes when.
///
/// A moment is the index of an operation, or one of two more: −1 before the first, when the caller
/// writes the inputs, and the number of operations behind the last, when the caller reads the outputs.
package struct ArenaMap: Equatable, Sendable {
  /// What an area is for.
  package enum Content: Equatable, Sendable {
    /// The index of a tensor.
    case tensor(Int)
    /// The index of the operation whose patches it holds.
    case scratch(Int)
  }

  /// Bytes of the arena that are in use for some time.
  package struct Area: Equatable, Sendable {
    package let content: Content
    package let bytes: Range<Int>
    /// A tensor's from its writer to its last reader, a scratch area's one operation.
    package let moments: ClosedRange<Int>
  }

  /// By their first byte; of areas that begin alike the earlier first.
  ///
  /// Areas share bytes at one moment where an operation works in place.
  package let areas: [Area]
  package let moments: ClosedRange<Int>

  init(
    tensors: [Model.Tensor], inputs: [Model.Endpoint], outputs: [Model.Endpoint],
    layers: [Model.Layer]
  ) {
    // A verified model has one writer for each tensor.
    var lifetimes = [ClosedRange<Int>](repeating: -1 ... -1, count: tensors.count)
    for layer in layers {
      for tensor in layer.tensorsRead {
        lifetimes[tensor] = lifetimes[tensor].lowerBound...layer.index
      }
      lifetimes[layer.output] = layer.index...layer.index
    }
    for output in outputs {
      lifetimes[output.tensor.index] =
        lifetimes[output.tensor.index].lowerBound...layers.count
    }
    var areas = zip(tensors, lifetimes).map { tensor, moments in
      Area(content: .tensor(tensor.index), bytes: tensor.arena, moments: moments)
    }
    areas += layers.compactMap { layer in
      layer.patch.map {
        Area(content: .scratch(layer.index), bytes: $0.scratch, moments: layer.index...layer.index)
      }
    }
    self.areas = areas.sorted {
      ($0.bytes.lowerBound, $0.moments.lowerBound) < ($1.bytes.lowerBound, $1.moments.lowerBound)
    }
    moments = -1...layers.count
  }

  /// The areas in use at a moment.
  package func areas(at moment: Int) -> [Area] { areas.filter { $0.moments.contains(moment) } }

  /// The bytes in use at a moment, each once; areas are whole words of 4 bytes.
  package func byteCount(at moment: Int) -> Int {
    var (count, end) = (0, 0)
    for area in areas where area.moments.contains(moment) {
      let areaEnd = (area.bytes.upperBound + 3) & ~3
      count += max(0, areaEnd - max(end, area.bytes.lowerBound))
      end = max(end, areaEnd)
    }
    return count
  }

  /// The first moment when most bytes are in use, and how many they are.
  ///
  /// - Complexity: O(moments · areas)
  package var peak: (moment: Int, byteCount: Int) {
    var peak = (moment: -1, byteCount: 0)
    for moment in moments {
      let byteCount = byteCount(at: moment)
      if byteCount > peak.byteCount { peak = (moment, byteCount) }
    }
    return peak
  }
}

extension Model {
  /// The arena over time.
  package var arenaMap: ArenaMap {
    ArenaMap(tensors: tensors, inputs: inputs, outputs: outputs, layers: layers)
  }
}
