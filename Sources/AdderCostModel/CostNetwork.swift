import ADBFormat

/// A network as what it costs depends on it.
package struct CostNetwork: Sendable {
  /// Memory of one kind and what is in it, which adds up to all of it.
  package struct Memory: Equatable, Sendable {
    package let name: String
    package let parts: [(name: String, byteCount: Int)]

    package var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

    package static func == (first: Memory, second: Memory) -> Bool {
      first.name == second.name && first.parts.elementsEqual(second.parts, by: ==)
    }
  }

  /// What takes which bytes of a compiled model's arena when.
  package struct Arena: Sendable {
    package struct Area: Sendable {
      /// A tensor's, or the operation's whose patches it holds.
      package let name: String
      package let isPatches: Bool
      package let bytes: Range<Int>
      /// From −1, when inputs are written, to the number of operations, when outputs are read.
      package let moments: ClosedRange<Int>
    }

    package let byteCount: Int
    package let areas: [Area]
    /// The first moment when most bytes are in use.
    package let peak: Int
  }

  package let name: String
  /// Whether it was compiled; else it has shapes alone.
  package let isCompiled: Bool
  package let layers: [CostLayer]
  package let memory: [Memory]
  /// Nil where shapes alone are known.
  package let arena: Arena?
  /// Whether the model says how boxes are made of its outputs, which costs what is not counted.
  package let makesBoxes: Bool
  /// What is to be said of parts that are guessed; nil where none is.
  package let guessWarning: String?

  package var work: CostLayer.Work { layers.reduce(.init()) { $0 + $1.work } }
  package var traffic: CostLayer.Traffic { layers.reduce(.init()) { $0 + $1.traffic } }
}
