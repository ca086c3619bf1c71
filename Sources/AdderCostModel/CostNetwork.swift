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

  package let name: String
  /// Whether it was compiled; else it has shapes alone.
  package let isCompiled: Bool
  package let layers: [CostLayer]
  package let memory: [Memory]

  package var work: CostLayer.Work { layers.reduce(.init()) { $0 + $1.work } }
  package var traffic: CostLayer.Traffic { layers.reduce(.init()) { $0 + $1.traffic } }
}
