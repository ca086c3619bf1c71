import ADBFormat

/// The inner operation of a layer that slides filters over its input.
package enum SlidingSum: Sendable {
  /// `Σ|x − w|`
  case absoluteDifferences
  /// `Σ x·w`
  case products
}

/// Filters arranged for ``SlidingSums``: blocks of eight filters, [block][k][8 filters].
///
/// The receptive field is in the order channel, row, column, as PyTorch sums it.
package struct PackedFilters: Sendable {
  static let blockWidth = 8

  let outputChannels: Int
  let inputChannels: Int
  let groups: Int
  let elementsPerFilter: Int
  let blocksPerGroup: Int
  let blocks: [SIMD8<Float>]

  /// - Precondition: `groups` divides the filters.
  package init(_ filters: FilterTensor<Float>, groups: Int) {
    outputChannels = filters.outputChannels
    inputChannels = filters.inputChannels
    self.groups = groups
    elementsPerFilter = filters.elementsPerFilter
    let perGroup = filters.outputChannels / groups
    blocksPerGroup = (perGroup + Self.blockWidth - 1) / Self.blockWidth
    var blocks = [SIMD8<Float>](
      repeating: .zero, count: groups * blocksPerGroup * filters.elementsPerFilter)
    for filter in 0..<filters.outputChannels {
      let (group, member) = filter.quotientAndRemainder(dividingBy: perGroup)
      let block = group * blocksPerGroup + member / Self.blockWidth
      for index in 0..<elementsPerFilter {
        blocks[block * elementsPerFilter + index][member % Self.blockWidth] =
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
/// - Complexity: O(outputs · K), on all cores; 32 filter–position pairs are kept in registers.
package func slidingSums(
  _ sum: SlidingSum, of input: ValueBatch, with filters: PackedFilters, window: Window,
  padValues: [Float], output shape: TensorShape,
  convert: (@Sendable (Float) -> Float)? = nil
) -> ValueBatch {
  var result = ValueBatch(zeros: shape, imageCount: input.imageCount)
  let converted = convert.map { convert in input.map { x, _ in convert(x) } } ?? input
  let k = filters.elementsPerFilter
  let tile = 4
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
                  + (group * filters.blocksPerGroup + block) * k
                let firstFilter = group * outputsPerGroup + block * PackedFilters.blockWidth
                let filterCount = min(
                  PackedFilters.blockWidth,
                  outputsPerGroup - block * PackedFilters.blockWidth)
                for tileIndex in 0..<tileCount {
                  let first = tileIndex * tile
                  let sums =
                    switch sum {
                    case .absoluteDifferences:
                      fourSums(patches + first * k, base, k) { magnitude($0 - $1) }
                    case .products: fourSums(patches + first * k, base, k) { $0 * $1 }
                    }
                  for row in 0..<min(tile, count - first) {
                    let values =
                      row < 2 ? (row == 0 ? sums.0 : sums.1) : (row == 2 ? sums.2 : sums.3)
                    let target = (start + first + row) * filters.outputChannels + firstFilter
                    for lane in 0..<filterCount { output[target + lane] = values[lane] }
                  }
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

private typealias Sums = (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>, SIMD8<Float>)

@inline(__always)
private func magnitude(_ x: SIMD8<Float>) -> SIMD8<Float> {
  unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: SIMD8<Float>.self)
}

/// Four patches of `k` elements, one behind the other, against eight filters.
///
/// One element after the other, in PyTorch's order: an adder layer's sums are in the thousands and
/// their deviations in the ones, so single precision shows in the logits' third decimal, and the
/// network the user trained and measured is the one that rounds like `torch.cdist`.
@inline(__always)
private func fourSums(
  _ patches: UnsafePointer<Float>, _ filters: UnsafePointer<SIMD8<Float>>, _ k: Int,
  _ term: (_ filter: SIMD8<Float>, _ x: Float) -> SIMD8<Float>
) -> Sums {
  var sums: Sums = (.zero, .zero, .zero, .zero)
  let (p0, p1, p2, p3) = (patches, patches + k, patches + 2 * k, patches + 3 * k)
  for index in 0..<k {
    let filter = filters[index]
    sums.0 += term(filter, p0[index])
    sums.1 += term(filter, p1[index])
    sums.2 += term(filter, p2[index])
    sums.3 += term(filter, p3[index])
  }
  return sums
}
