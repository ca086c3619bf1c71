import AdderText

/// Where the elements of a tensor lie in its storage.
///
/// Element `[i₀, i₁, …]` is at `offset + Σ iₖ·strides[k]`.
package struct StridedLayout: Equatable, Sendable {
  /// The largest number of dimensions accepted, as in PyTorch's own limit for views.
  package static let rankLimit = 64

  /// The extents, outermost first.
  package let shape: [Int]
  /// The distance between neighbours along each dimension, in elements.
  package let strides: [Int]
  /// The storage index of the first element.
  package let offset: Int
  package let elementCount: Int

  /// Checks a layout against its storage with checked arithmetic.
  ///
  /// - Returns: `nil` when extents, strides or offset are negative, their numbers differ, a product
  ///   overflows, or `offset + Σ(shape[k] − 1)·strides[k]` reaches `storageElementCount`.
  package static func validated(
    shape: [Int], strides: [Int], offset: Int, storageElementCount: Int
  ) -> StridedLayout? {
    guard shape.count == strides.count, shape.count <= rankLimit, offset >= 0,
      shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }),
      let elementCount = checkedElementCount(shape)
    else { return nil }
    if elementCount == 0 {
      guard offset <= storageElementCount else { return nil }
    } else {
      var last = offset
      for (extent, stride) in zip(shape, strides) {
        let span = (extent - 1).multipliedReportingOverflow(by: stride)
        let sum = last.addingReportingOverflow(span.partialValue)
        guard !span.overflow, !sum.overflow else { return nil }
        last = sum.partialValue
      }
      guard last < storageElementCount else { return nil }
    }
    return StridedLayout(
      shape: shape, strides: strides, offset: offset, elementCount: elementCount)
  }

  /// The layout of a row-major tensor that fills its storage, or `nil` when the product of the
  /// extents is not `storageElementCount`.
  package static func contiguous(shape: [Int], storageElementCount: Int) -> StridedLayout? {
    guard shape.count <= rankLimit, shape.allSatisfy({ $0 >= 0 }),
      checkedElementCount(shape) == storageElementCount
    else { return nil }
    var strides: [Int] = []
    var stride = 1
    for extent in shape.reversed() {
      strides.append(stride)
      stride *= max(extent, 1)
    }
    return validated(
      shape: shape, strides: strides.reversed(), offset: 0,
      storageElementCount: storageElementCount)
  }

  /// The product of non-negative extents, or `nil` when it, or the product of those that are not
  /// 0, does not fit.
  private static func checkedElementCount(_ shape: [Int]) -> Int? {
    checkedProduct(shape.filter { $0 != 0 }).map { shape.contains(0) ? 0 : $0 }
  }

  /// Calls `body(start, count, stride)` for each run of elements along the innermost dimension, in
  /// row-major order.
  ///
  /// - Complexity: O(`elementCount`), whatever the rank.
  package func forEachRun(_ body: (_ start: Int, _ count: Int, _ stride: Int) -> Void) {
    if elementCount == 0 { return }
    // Dimensions of extent 1 add nothing to any index; leaving them out keeps every run's cost
    // in proportion to its elements.
    let dimensions = zip(shape, strides).filter { $0.0 > 1 }
    guard let (innerExtent, innerStride) = dimensions.last else { return body(offset, 1, 0) }
    let outer = dimensions.dropLast()
    var position = [Int](repeating: 0, count: outer.count)
    var start = offset
    while true {
      body(start, innerExtent, innerStride)
      var axis = outer.count - 1
      while axis >= 0 {
        start += outer[axis].1
        position[axis] += 1
        if position[axis] < outer[axis].0 { break }
        start -= outer[axis].0 * outer[axis].1
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
