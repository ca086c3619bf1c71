import AdderText

/// Computes a weight-normalized weight, w = g·v/‖v‖, in single precision.
///
/// The norm is over all dimensions but one, whose extent the gain has there, or over all of them
/// for a gain of one value (Salimans and Kingma, "Weight Normalization: A Simple Reparameterization
/// to Accelerate Training of Deep Neural Networks", NIPS 2016).
///
/// Squares are summed, and rounded, in the order in which PyTorch 2 sums them on one thread of an
/// x86-64 processor (`torch._weight_norm`), so that the result has the bits of the weight that it
/// computes there. Over all but the last dimension PyTorch splits the sum among its threads, and on
/// other processors it may sum in another order; such weights differ by a few units in the last
/// place.
///
/// - Parameters:
///   - gain: g; its shape tells the dimension.
///   - direction: v.
/// - Throws: Why there is no such weight: shapes that do not belong together, a norm of zero, and a
///   norm or weight that passes the range of single precision.
/// - Complexity: O(elements)
func foldWeightNorm(
  gain: Checkpoint.Tensor, direction: Checkpoint.Tensor
) throws(WeightNormFailure) -> [Float] {
  guard let layout = NormLayout(gain: gain, direction: direction) else {
    throw WeightNormFailure(
      text: "a gain of shape \(gain.shape) and a direction of shape \(direction.shape), expected "
        + "a gain of one value, or of the direction's extent in one dimension and 1 in the others; "
        + saveAgain)
  }
  guard (gain.values + direction.values).allSatisfy(\.isFinite) else {
    throw WeightNormFailure(
      text: "a gain or direction that holds NaN or infinity; \(saveNumbers)")
  }
  let values = direction.values
  let norms =
    layout.kind == .last
    ? columnNorms(values, columnCount: layout.normCount)
    : (0..<layout.normCount).map { index in
      let elements = layout.elements(of: index, in: values)
      return layout.kind == .first
        ? sumOfSquaresByHalves(elements).squareRoot() : sumOfSquaresInTurn(elements).squareRoot()
    }
  for (index, norm) in norms.enumerated() where !norm.isNormal {
    let place = norms.count > 1 ? " at index \(index) of dimension \(layout.dimension)" : ""
    throw WeightNormFailure(
      text: layout.elements(of: index, in: values).allSatisfy { $0 == 0 }
        ? "a direction that is zero everywhere\(place), of which PyTorch makes NaN; \(saveNumbers)"
        : "a direction whose norm\(place) is \(norm) in single precision; multiply it by a "
          + "constant, which changes no weight")
  }
  let factors = zip(gain.values, norms).map { $0 / $1 }
  var weights = values
  for block in 0..<layout.blockCount {
    for index in 0..<layout.normCount {
      let start = (block * layout.normCount + index) * layout.elementsAfter
      for place in start..<start + layout.elementsAfter { weights[place] *= factors[index] }
    }
  }
  guard weights.allSatisfy(\.isFinite) else {
    throw WeightNormFailure(
      text: "a weight that passes the range of single precision; \(saveNumbers)")
  }
  return weights
}

/// Why no weight can be made of parts, and what to do.
struct WeightNormFailure: Error { var text: String }

/// What helps where parts do not belong together.
let saveAgain = "save the network's whole state_dict() again"
private let saveNumbers = "save the state_dict() of a network that gives numbers"

/// Which elements of a direction share a norm: those of one index of a dimension, or all.
private struct NormLayout {
  /// Where the dimension is, as PyTorch sums each kind in an order of its own.
  enum Kind { case first, last, between, none }

  let kind: Kind
  /// The dimension whose indices have norms of their own; 0 if there is one norm.
  let dimension: Int
  let normCount: Int
  /// The extent of the first dimension, and the product of those from there to `dimension`.
  private let firstExtent: Int
  private let extentBetween: Int
  /// The product of the extents behind the dimension.
  let elementsAfter: Int

  /// Nil where the shapes do not belong together.
  init?(gain: Checkpoint.Tensor, direction: Checkpoint.Tensor) {
    let shape = direction.shape
    guard shape.allSatisfy(tensorExtents.contains),
      checkedProduct(shape) == direction.values.count
    else { return nil }
    let isNumber = gain.shape.isEmpty || gain.shape == [1] && shape.count != 1
    if isNumber, gain.values.count == 1 {
      (kind, dimension, normCount, firstExtent, extentBetween) = (.none, 0, 1, 1, 1)
      elementsAfter = direction.values.count
      return
    }
    // A gain of ones alone is that of a dimension of extent 1.
    guard gain.shape.count == shape.count,
      let place = gain.shape.firstIndex(where: { $0 != 1 }) ?? shape.firstIndex(of: 1)
    else { return nil }
    var expected = [Int](repeating: 1, count: shape.count)
    expected[place] = shape[place]
    guard gain.shape == expected, gain.values.count == shape[place] else { return nil }
    dimension = place
    kind = place == 0 ? .first : place == shape.count - 1 ? .last : .between
    normCount = shape[place]
    firstExtent = place == 0 ? 1 : shape[0]
    extentBetween = shape[..<place].dropFirst().reduce(1, *)
    elementsAfter = shape[(place + 1)...].reduce(1, *)
  }

  var blockCount: Int { firstExtent * extentBetween }

  /// The elements of one norm in the order of a tensor whose first dimension has changed places with
  /// this one.
  func elements(of index: Int, in values: [Float]) -> ArraySlice<Float> {
    func run(_ block: Int) -> ArraySlice<Float> {
      let start = (block * normCount + index) * elementsAfter
      return values[start..<start + elementsAfter]
    }
    if blockCount == 1 { return run(0) }
    var elements: [Float] = []
    elements.reserveCapacity(blockCount * elementsAfter)
    for middle in 0..<extentBetween {
      for first in 0..<firstExtent { elements += run(first * extentBetween + middle) }
    }
    return elements[...]
  }
}

/// Lanes of the vectors in which PyTorch sums.
private let laneCount = 8

/// Σx² in eight sums of every eighth element, which are then added half to half.
private func sumOfSquaresByHalves(_ elements: ArraySlice<Float>) -> Float {
  guard elements.count >= laneCount else {
    return elements.dropFirst().reduce((elements.first ?? 0) * (elements.first ?? 0)) {
      $0 + $1 * $1
    }
  }
  var lanes = SIMD8<Float>()
  for (index, value) in elements.enumerated() {
    lanes[index % laneCount] += value * value
  }
  let halves = lanes.lowHalf + lanes.highHalf
  let quarters = halves.lowHalf + halves.highHalf
  return quarters[0] + quarters[1]
}

/// Σx² in eight sums of every eighth element, which are then added one by one, and the elements
/// that are left after them: by fours, the last without rounding their squares.
private func sumOfSquaresInTurn(_ elements: ArraySlice<Float>) -> Float {
  let wholeCount = elements.count / laneCount * laneCount
  var lanes = SIMD8<Float>()
  for (index, value) in elements.prefix(wholeCount).enumerated() {
    lanes[index % laneCount] += value * value
  }
  var sum = lanes[0]
  for lane in 1..<laneCount { sum += lanes[lane] }
  let rest = elements.dropFirst(wholeCount)
  for value in rest.prefix(rest.count / 4 * 4) { sum += value * value }
  for value in rest.dropFirst(rest.count / 4 * 4) { sum.addProduct(value, value) }
  return sum
}

/// The norm of each column of a matrix, row after row, without rounding the squares.
private func columnNorms(_ values: [Float], columnCount: Int) -> [Float] {
  var sums = [Float](repeating: 0, count: columnCount)
  for (index, value) in values.enumerated() {
    sums[index % columnCount].addProduct(value, value)
  }
  return sums.map { $0.squareRoot() }
}
