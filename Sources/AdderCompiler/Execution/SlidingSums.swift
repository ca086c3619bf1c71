import ADBFormat
import CAdderFloat

/// The inner operation of a layer that slides filters over its input.
package enum SlidingSum: Sendable {
  /// `Σ|x − w|`
  case absoluteDifferences
  /// `Σ x·w`
  case products
}

/// Filters arranged for ``slidingSums(_:of:with:window:padValues:output:)``: blocks of 16
/// filters, [block][k][16 filters].
///
/// The receptive field is in the order channel, row, column, as PyTorch sums it.
package struct PackedFilters: Sendable {
  static let blockWidth = Int(ADDER_FLOAT_BLOCK)

  let outputChannels: Int
  let inputChannels: Int
  let groups: Int
  let elementsPerFilter: Int
  let blocksPerGroup: Int
  let blocks: [Float]

  /// - Precondition: `groups` divides the filters.
  package init(_ filters: FilterTensor<Float>, groups: Int) {
    outputChannels = filters.outputChannels
    inputChannels = filters.inputChannels
    self.groups = groups
    elementsPerFilter = filters.elementsPerFilter
    let perGroup = filters.outputChannels / groups
    blocksPerGroup = (perGroup + Self.blockWidth - 1) / Self.blockWidth
    var blocks = [Float](
      repeating: 0,
      count: groups * blocksPerGroup * filters.elementsPerFilter * Self.blockWidth)
    for filter in 0..<filters.outputChannels {
      let (group, member) = filter.quotientAndRemainder(dividingBy: perGroup)
      let block = group * blocksPerGroup + member / Self.blockWidth
      for index in 0..<elementsPerFilter {
        blocks[(block * elementsPerFilter + index) * Self.blockWidth + member % Self.blockWidth] =
          filters.values[filter * elementsPerFilter + index]
      }
    }
    self.blocks = blocks
  }
}

/// Computes the raw sums of a layer, before bias and epilogue, for a batch of images.
///
/// - Parameters:
///   - padValues: One value per input channel for taps outside the image.
/// - Returns: [images, output height, output width, filters]
/// Terms are added one after the other, in PyTorch's order: an adder layer's sums are in the
/// thousands and their deviations in the ones, so single precision shows in the logits' third
/// decimal, and the network the user trained and measured is the one that rounds like `torch.cdist`.
///
/// - Complexity: O(outputs · K), on all cores; 64 filter–position pairs are kept in registers.
package func slidingSums(
  _ sum: SlidingSum, of input: ValueBatch, with filters: PackedFilters, window: Window,
  padValues: [Float], output shape: TensorShape
) -> ValueBatch {
  ValueBatch(imageCount: input.imageCount, shape: shape) { output in
    input.elements.withUnsafeBufferPointer { elements in
      padValues.withUnsafeBufferPointer { padValues in
        filters.blocks.withUnsafeBufferPointer { blocks in
          let sums = PositionSums(
            sum: sum, filters: filters, blocks: blocks.baseAddress.unsafelyUnwrapped,
            taps: PatchTaps(
              inputShape: input.shape, outputShape: shape, window: window,
              input: elements.baseAddress.unsafelyUnwrapped,
              padValues: padValues.baseAddress.unsafelyUnwrapped),
            output: output)
          forEachChunk(
            of: input.imageCount * shape.height * shape.width, minimum: 64, sums.compute)
        }
      }
    }
  }
}

/// What the sums of some output positions need; unchecked, as chunks write their own positions.
private struct PositionSums: @unchecked Sendable {
  let sum: SlidingSum
  let filters: PackedFilters
  let blocks: UnsafePointer<Float>
  let taps: PatchTaps
  let output: UnsafeMutablePointer<Float>

  func compute(_ positions: Range<Int>) {
    let (area, tile, width) = (taps.area, Int(ADDER_FLOAT_TILE), PackedFilters.blockWidth)
    // A round's addresses and sums stay in the first-level cache.
    let roundPositions = max(tile, min(256, 2048 / area) / tile * tile)
    let addresses = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(
      capacity: roundPositions * area)
    defer { addresses.deallocate() }
    let sums = UnsafeMutablePointer<Float>.allocate(capacity: roundPositions * width)
    defer { sums.deallocate() }
    let outputsPerGroup = filters.outputChannels / filters.groups
    for start in stride(from: positions.lowerBound, to: positions.upperBound, by: roundPositions) {
      let count = min(roundPositions, positions.upperBound - start)
      // A partial tile repeats its last patch instead of having a kernel of its own.
      let tileCount = (count + tile - 1) / tile
      for group in 0..<filters.groups {
        for index in 0..<tileCount * tile {
          taps.addresses(
            of: start + min(index, count - 1), firstChannel: group * filters.inputChannels,
            into: addresses + index * area)
        }
        for block in 0..<filters.blocksPerGroup {
          let base =
            blocks
            + (group * filters.blocksPerGroup + block) * filters.elementsPerFilter * width
          let kernel =
            switch sum {
            case .absoluteDifferences: adder_float_differences
            case .products: adder_float_products
            }
          kernel(addresses, base, filters.inputChannels, area, tileCount, sums)
          let firstFilter = group * outputsPerGroup + block * width
          let filterCount = min(width, outputsPerGroup - block * width)
          for index in 0..<count {
            (output + (start + index) * filters.outputChannels + firstFilter).initialize(
              from: sums + index * width, count: filterCount)
          }
        }
      }
    }
  }
}
