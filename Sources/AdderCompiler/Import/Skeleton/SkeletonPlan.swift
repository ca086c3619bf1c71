import ADBFormat

/// How a skeleton fills in what no tensor tells: padding, and where extents shrink.
struct SkeletonPlan {
  enum PaddingRule: CaseIterable {
    /// Odd kernels keep the extents.
    case same
    /// The first layer keeps the extents, the others have no padding.
    case firstSame
    case none
  }

  enum Reduction: CaseIterable {
    /// Stride 2 where there are more filters than channels.
    case strides
    /// A pool of 2 behind each layer with a window.
    case pools
    /// A pool of 2 before each layer with more filters than channels.
    case poolsAtGrowth
    /// The same, and one behind the last layer with a window.
    case poolsAtGrowthAndEnd
    case none
  }

  var padding: PaddingRule
  var reduction: Reduction
  /// The layer whose window covers the whole image, if one is taken to.
  var coveringLayer: Int?

  /// All plans, the likeliest first.
  ///
  /// - Parameter layers: What they are for: kernels of even or large extents with vectors behind
  ///   them may cover the image.
  static func candidates(_ layers: [SkeletonLayer]) -> [SkeletonPlan] {
    var covering: [Int?] = [nil]
    if let last = layers.lastIndex(where: { !$0.isPointwise }), last > 0, !layers[last].isVector,
      case let layer = layers[last], layer.kernelHeight == layer.kernelWidth,
      layer.kernelHeight > 3
    {
      covering = [last, nil]
    }
    return covering.flatMap { covering in
      PaddingRule.allCases.flatMap { padding in
        Reduction.allCases.map {
          SkeletonPlan(padding: padding, reduction: $0, coveringLayer: covering)
        }
      }
    }
  }

  func padding(of layer: SkeletonLayer, at index: Int) -> Padding {
    guard index != coveringLayer, padding == .same || padding == .firstSame && index == 0 else {
      return Padding()
    }
    let (rows, columns) = (layer.kernelHeight, layer.kernelWidth)
    let (height, width) = (rows % 2 == 0 ? 0 : rows / 2, columns % 2 == 0 ? 0 : columns / 2)
    guard Limits.paddings.contains(max(height, width)) else { return Padding() }
    return Padding(top: height, left: width, bottom: height, right: width)
  }
}
