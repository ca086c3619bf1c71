/// The two residual blocks of He et al., "Deep residual learning for image recognition" (CVPR
/// 2016), with adder layers as in Chen et al., "AdderNet" (CVPR 2020).
enum ResidualBlock {
  /// Two layers of 3×3; the first has the stride.
  case basic
  /// Layers of 1×1, 3×3 with the stride, and 1×1 with four times the filters.
  case bottleneck
}

extension ArchitectureBuilder {
  /// Blocks one after another under `name.0`, `name.1`, …; the first has the stride.
  mutating func residualStage(
    _ name: String, _ input: Value, _ block: ResidualBlock, count: Int, stride: Int, filters: Int
  ) -> Value {
    (0..<count).reduce(input) { value, index in
      residualBlock(
        "\(name).\(index)", value, block, stride: index == 0 ? stride : 1, filters: filters,
        mayDownsample: index == 0)
    }
  }

  private mutating func residualBlock(
    _ name: String, _ input: Value, _ block: ResidualBlock, stride: Int, filters: Int,
    mayDownsample: Bool
  ) -> Value {
    let required = mayDownsample ? nil : input.channels
    var body: Value
    switch block {
    case .basic:
      body = layer("\(name).conv1", input, kernel: 3, stride: stride, padding: 1, filters: filters)
      body = relu("\(name).relu1", batchNorm("\(name).bn1", body))
      body = layer(
        "\(name).conv2", body, kernel: 3, padding: 1, filters: filters, required: required)
      body = batchNorm("\(name).bn2", body)
    case .bottleneck:
      body = layer("\(name).conv1", input, kernel: 1, filters: filters)
      body = relu("\(name).relu1", batchNorm("\(name).bn1", body))
      body = layer("\(name).conv2", body, kernel: 3, stride: stride, padding: 1, filters: filters)
      body = relu("\(name).relu2", batchNorm("\(name).bn2", body))
      body = layer("\(name).conv3", body, kernel: 1, filters: 4 * filters, required: required)
      body = batchNorm("\(name).bn3", body)
    }
    let shortcut =
      mayDownsample ? downsample("\(name).downsample", input, to: body, stride: stride) : input
    return relu("\(name).relu", add("\(name).add", body, shortcut))
  }

  /// A 1×1 layer with batch norm where the checkpoint has one or the extents ask for it.
  private mutating func downsample(
    _ name: String, _ input: Value, to body: Value, stride: Int
  ) -> Value {
    let changesChannels =
      if let from = input.channels, let to = body.channels { from != to } else { false }
    guard stride != 1 || changesChannels || shapes != nil && (has("\(name).0") || has("\(name).1"))
    else { return input }
    let shortcut = layer(
      "\(name).0", input, kernel: 1, stride: stride, filters: body.channels ?? 0,
      required: body.channels)
    return batchNorm("\(name).1", shortcut)
  }
}
