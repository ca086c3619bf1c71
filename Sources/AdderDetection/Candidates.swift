/// The best candidates found so far: a heap whose root is the worst of them.
package struct Candidates {
  package let boxes: BoxList
  private let capacity: Int
  package private(set) var count = 0

  package init(_ boxes: BoxList, capacity: Int) {
    self.boxes = boxes
    self.capacity = capacity
  }

  /// Takes a candidate in, in place of the worst one if there is no room; drops it if it is the worst.
  ///
  /// - Complexity: O(log capacity)
  @inline(never)
  package mutating func insert(_ candidate: Box) {
    if count == capacity {
      if candidate.precedes(boxes[0]) { sink(candidate, from: 0, count: count) }
      return
    }
    var index = count
    count &+= 1
    while index > 0 {
      let parent = (index &- 1) &>> 1
      let other = boxes[parent]
      guard other.precedes(candidate) else { break }
      boxes[index] = other
      index = parent
    }
    boxes[index] = candidate
  }

  /// Puts the candidates in falling order of scores, equal ones in the order they were found.
  ///
  /// - Complexity: O(count · log count)
  @inline(never)
  package func sort() {
    var left = count
    while left > 1 {
      left &-= 1
      let last = boxes[left]
      boxes[left] = boxes[0]
      sink(last, from: 0, count: left)
    }
  }

  /// Puts a box where the heap of the first `count` wants it, at `index` or below.
  @inline(never)
  private func sink(_ box: Box, from index: Int, count: Int) {
    var index = index
    while true {
      var child = (index &<< 1) &+ 1
      guard child < count else { break }
      var other = boxes[child]
      if child &+ 1 < count {
        let second = boxes[child &+ 1]
        if other.precedes(second) {
          child &+= 1
          other = second
        }
      }
      guard box.precedes(other) else { break }
      boxes[index] = other
      index = child
    }
    boxes[index] = box
  }
}
