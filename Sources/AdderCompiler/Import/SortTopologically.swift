/// What sorting the nodes of a graph came to.
enum TopologicalOrder {
  /// Every node after the nodes it reads; nodes already in such an order keep it.
  case sorted([Topology.Node])
  /// Node names along a cycle, each reading the next one; the first is repeated at the end.
  case cycle([String])
}

/// Sorts nodes so that each stands after what it reads; names that are not nodes are ignored.
///
/// - Precondition: Node names are unique.
/// - Complexity: O(nodes + edges), without recursion
func sortTopologically(_ nodes: [Topology.Node]) -> TopologicalOrder {
  let indices = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.name, $0) })
  enum State { case unseen, open, done }
  var states = [State](repeating: .unseen, count: nodes.count)
  var sorted: [Topology.Node] = []
  for start in nodes.indices where states[start] == .unseen {
    var path = [(node: start, nextInput: 0)]
    states[start] = .open
    while let (index, nextInput) = path.last {
      guard nextInput < nodes[index].inputs.count else {
        states[index] = .done
        sorted.append(nodes[index])
        path.removeLast()
        continue
      }
      path[path.count - 1].nextInput += 1
      guard let producer = indices[nodes[index].inputs[nextInput]] else { continue }
      switch states[producer] {
      case .done: continue
      case .unseen:
        states[producer] = .open
        path.append((producer, 0))
      case .open:
        let cycle = path.drop { $0.node != producer }.map { nodes[$0.node].name }
        return .cycle(cycle + [nodes[producer].name])
      }
    }
  }
  return .sorted(sorted)
}
