extension Architecture {
  /// ResNet-(6n + 2) for 32×32 images: a stem and three stages of n basic blocks.
  ///
  /// As published with AdderNet (resnet20.py): 16, 32 and 64 filters, the stem and the classifier
  /// ordinary convolutions, a final batch norm over the classes.
  static func cifarResNet(blocksPerStage: Int) -> Architecture {
    let depth = 6 * blocksPerStage + 2
    return Architecture(
      name: "resnet\(depth)",
      summary: "CIFAR ResNet-\(depth), basic blocks, 16-32-64 filters or multiples",
      keys: "conv1 (3x3), bn1, layer{1,2,3}.{0...\(blocksPerStage - 1)}.{conv1,bn1,conv2,bn2}, "
        + "layer{2,3}.0.downsample.{0,1}, fc, [bn2]",
      defaultInput: "3x32x32, or 1x28x28 for one channel"
    ) { builder in
      let image = builder.addImage(readBy: "conv1", presets: [.cifar10, .mnist])
      var value = builder.layer(
        "conv1", image, kernel: 3, padding: 1, filters: 16, published: .weight)
      value = builder.relu("relu", builder.batchNorm("bn1", value))
      for (name, stride, filters) in [("layer1", 1, 16), ("layer2", 2, 32), ("layer3", 2, 64)] {
        value = builder.residualStage(
          name, value, .basic, count: blocksPerStage, stride: stride, filters: filters)
      }
      // The published 8×8 pool where it covers the whole image, else a global one.
      let shape = builder.topology.inputs[0].shape
      value =
        shape.height == 32 && shape.width == 32
        ? builder.pool("avgpool", .averagePool, value, kernel: 8, stride: 1)
        : builder.globalAveragePool("avgpool", value)
      value = builder.denseLayer("fc", value, filters: 10, published: .weight)
      builder.topology.outputs = [builder.optionalBatchNorm("bn2", value).name]
    }
  }
}
