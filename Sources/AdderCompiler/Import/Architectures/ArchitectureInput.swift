import ADBFormat

/// The image a family expects where the user says nothing, with the pixel statistics of its
/// published training.
struct InputPreset {
  let dataset: String
  let extent: Int
  let mean: [Float]
  let std: [Float]

  static let cifar10 = InputPreset(
    dataset: "CIFAR-10", extent: 32, mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.2010])
  static let imageNet = InputPreset(
    dataset: "ImageNet", extent: 224, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
  static let mnist = InputPreset(dataset: "MNIST", extent: 28, mean: [0.1307], std: [0.3081])
}

extension ArchitectureBuilder {
  /// Adds the network's one input, `image`, with the channels that the first layer reads.
  ///
  /// The presets go by channel count; for another count the extents of the first hold, but no
  /// statistics.
  mutating func addImage(readBy firstLayer: String, presets: [InputPreset]) -> Value {
    let published = presets[0].mean.count
    let channels = inputChannels(of: firstLayer, published: published) ?? published
    let preset = presets.first { $0.mean.count == channels }
    let usual = preset ?? presets[0]
    var shape = TensorShape(height: usual.extent, width: usual.extent, channels: channels)
    if let given = options.inputShape {
      shape = given
      if given.channels != channels {
        refusals.append(
          "--input-shape \(given.text): \(given.channels) channels, but '\(firstLayer)' reads "
            + "\(channels)")
      }
      assumptions.append("input \(shape.text): as given")
    } else {
      assumptions.append(
        "input \(shape.text): \(channels) channels from the shape of '\(firstLayer)', height and "
          + "width as usual for \(usual.dataset); override with --input-shape")
    }
    topology.inputs.append(
      GraphInput(
        name: "image", shape: shape,
        normalization: normalization(channels: channels, preset: preset)))
    return Value(name: "image", channels: channels)
  }

  private mutating func normalization(
    channels: Int, preset: InputPreset?
  ) -> Normalization {
    if let mean = options.mean, let std = options.std {
      if mean.count != channels {
        refusals.append(
          "--mean and --std have \(mean.count) values, the input \(channels) channels")
      }
      assumptions.append("normalization (byte/255 - mean)/std, mean \(mean), std \(std): as given")
      return Normalization(mean: mean, std: std)
    }
    guard let preset else {
      refusals.append(
        "no published mean and standard deviation for \(channels) input channels; give --mean and "
          + "--std with \(channels) values each")
      return Normalization(mean: [], std: [])
    }
    assumptions.append(
      "normalization (byte/255 - mean)/std, mean \(preset.mean), std \(preset.std): those of "
        + "\(preset.dataset); override with --mean and --std")
    if channels == 1 {
      warnings.append(
        "assumed the mean and standard deviation of \(preset.dataset); a network trained on other "
          + "images, such as Fashion-MNIST (.2860, .3530), needs --mean and --std")
    }
    return Normalization(mean: preset.mean, std: preset.std)
  }
}
