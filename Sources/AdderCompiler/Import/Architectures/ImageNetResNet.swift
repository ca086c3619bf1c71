extension Architecture {
  /// A ResNet for 224×224 images: 7×7 stem with stride 2, max pool, four stages.
  ///
  /// As published with AdderNet (resnet50.py): the stem and the classifier ordinary convolutions,
  /// a final batch norm over the classes; without it, the layout of torchvision's ResNets.
  static func imageNetResNet(
    depth: Int, _ block: ResidualBlock, blocks: [Int]
  ) -> Architecture {
    let layers = block == .basic ? "conv1,bn1,conv2,bn2" : "conv1,bn1,conv2,bn2,conv3,bn3"
    return Architecture(
      name: "resnet\(depth)",
      summary: "ImageNet ResNet-\(depth), "
        + "\(blocks.map(String.init).joined(separator: "-")) \(block) blocks",
      keys: "conv1 (7x7), bn1, layer{1...4}.{i}.{\(layers)}, layer{1...4}.0.downsample.{0,1} where "
        + "the extents change, fc, [bn2]",
      defaultInput: "3x224x224"
    ) { builder in
      let image = builder.addImage(readBy: "conv1", presets: [.imageNet])
      var value = builder.layer(
        "conv1", image, kernel: 7, stride: 2, padding: 3, filters: 64, published: .weight)
      value = builder.relu("relu", builder.batchNorm("bn1", value))
      value = builder.pool("maxpool", .maxPool, value, kernel: 3, stride: 2, padding: 1)
      for (index, count) in blocks.enumerated() {
        value = builder.residualStage(
          "layer\(index + 1)", value, block, count: count, stride: index == 0 ? 1 : 2,
          filters: 64 << index)
      }
      value = builder.globalAveragePool("avgpool", value)
      value = builder.denseLayer("fc", value, filters: 1000, published: .weight)
      builder.topology.outputs = [builder.optionalBatchNorm("bn2", value).name]
    }
  }
}
