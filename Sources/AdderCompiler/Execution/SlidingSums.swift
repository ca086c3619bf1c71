import ADBFormat
import CAdderFloat

/// The inner operation of a layer that slides filters over its input.
package enum SlidingSum: Sendable {
  /// `Σ|x − w|`
  case absoluteDifferences
  /// `Σ x·w`
  case products
}

/// Filters arranged for ``slidingSums(_:of:with:window:padValues:output:convert:)``: blocks of 16
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
///   - convert: Applied to each input element when it enters a patch.
/// - Returns: [images, output height, output width, filters]
/// Terms are added one after the other, in PyTorch's order: an adder layer's sums are in the
/// thousands and their deviations in the ones, so single precision shows in the logits' third
/// decimal, and the network the user trained and measured is the one that rounds like `torch.cdist`.
///
/// - Complexity: O(outputs · K), on all cores; 64 filter–position pairs are kept in registers.
package func slidingSums(
  _ sum: SlidingSum, of input: ValueBatch, with filters: PackedFilters, window: Window,
  padValues: [Float], output shape: TensorShape,
  convert: (@Sendable (Float) -> Float)? = nil
) -> ValueBatch {
  var result = ValueBatch(zeros: shape, imageCount: input.imageCount)
  let converted = convert.map { convert in input.map { x, _ in convert(x) } } ?? input
  let k = filters.elementsPerFilter
  let tile = Int(ADDER_FLOAT_TILE)
  // Patches of one round fill about half of a 512 KiB second-level cache.
  let roundPositions = max(tile, min(256, (1 << 16) / k) / tile * tile)
  result.elements.withUnsafeMutableBufferPointer { output in
    converted.elements.withUnsafeBufferPointer { input in
      filters.blocks.withUnsafeBufferPointer { blocks in
        nonisolated(unsafe) let (output, input, blocks) = (output, input, blocks)
        let gather = PatchGather(
          inputShape: converted.shape, outputShape: shape, window: window,
          channelsPerGroup: filters.inputChannels, padValues: padValues)
        let positionCount = converted.imageCount * shape.height * shape.width
        forEachChunk(of: positionCount, minimum: 64) { positions in
          let patches = UnsafeMutablePointer<Float>.allocate(capacity: roundPositions * k)
          defer { patches.deallocate() }
          let width = PackedFilters.blockWidth
          let sums = UnsafeMutablePointer<Float>.allocate(capacity: roundPositions * width)
          defer { sums.deallocate() }
          let outputsPerGroup = filters.outputChannels / filters.groups
          for group in 0..<filters.groups {
            var start = positions.lowerBound
            while start < positions.upperBound {
              let count = min(roundPositions, positions.upperBound - start)
              for index in 0..<count {
                gather.patch(
                  of: start + index, group: group, from: input, into: patches + index * k)
              }
              // A partial tile repeats its last patch instead of having a kernel of its own.
              let tileCount = (count + tile - 1) / tile
              for index in count..<(tileCount * tile) {
                (patches + index * k).update(from: patches + (count - 1) * k, count: k)
              }
              for block in 0..<filters.blocksPerGroup {
                let base =
                  blocks.baseAddress.unsafelyUnwrapped
                  + (group * filters.blocksPerGroup + block) * k * width
                switch sum {
                case .absoluteDifferences:
                  adder_float_differences(patches, base, k, tileCount, sums)
                case .products: adder_float_products(patches, base, k, tileCount, sums)
                }
                let firstFilter = group * outputsPerGroup + block * width
                let filterCount = min(width, outputsPerGroup - block * width)
                for index in 0..<count {
                  let target = (start + index) * filters.outputChannels + firstFilter
                  for lane in 0..<filterCount { output[target + lane] = sums[index * width + lane] }
                }
              }
              start += count
            }
          }
        }
      }
    }
  }
  return result
}
