import ADBFormat

extension Architecture {
  /// LeNet-5 (LeCun et al., "Gradient-based learning applied to document recognition", 1998) with
  /// ReLU, max pools and optional batch norms.
  ///
  /// The third layer is `conv3` followed by `fc1` and `fc2`, or `fc1` followed by `fc2` and `fc3`.
  static let leNet5 = Architecture(
    name: "lenet5", summary: "LeNet-5, ReLU, max pools, 6-16-120-84 filters or others",
    keys: "conv1 (5x5), conv2 (5x5), {conv3,fc1,fc2} or {fc1,fc2,fc3}, [bn1...bn5]",
    defaultInput: "1x28x28 with padding 2 in conv1; 32x32 without padding"
  ) { builder in
    let image = builder.addImage(readBy: "conv1", presets: [.mnist, .cifar10])
    let shape = builder.topology.inputs[0].shape
    if shape.height != shape.width || shape.height != 28 && shape.height != 32 {
      builder.refusals.append(
        "lenet5 takes images of 28x28 or 32x32, not \(shape.height)x\(shape.width)")
    }
    let padding = shape.height == 28 ? 2 : 0
    var value = builder.layer("conv1", image, kernel: 5, padding: padding, filters: 6)
    value = builder.relu("relu1", builder.optionalBatchNorm("bn1", value))
    value = builder.pool("pool1", .maxPool, value, kernel: 2, stride: 2)
    value = builder.layer("conv2", value, kernel: 5, filters: 16)
    value = builder.relu("relu2", builder.optionalBatchNorm("bn2", value))
    value = builder.pool("pool2", .maxPool, value, kernel: 2, stride: 2)
    let names =
      builder.has("conv3") || !builder.has("fc3")
      ? ["conv3", "fc1", "fc2"] : ["fc1", "fc2", "fc3"]
    value = builder.denseLayer(names[0], value, extent: 5, filters: 120)
    value = builder.relu("relu3", builder.optionalBatchNorm("bn3", value))
    value = builder.denseLayer(names[1], value, filters: 84)
    value = builder.relu("relu4", builder.optionalBatchNorm("bn4", value))
    value = builder.denseLayer(names[2], value, filters: 10)
    builder.topology.outputs = [builder.optionalBatchNorm("bn5", value).name]
  }
}
