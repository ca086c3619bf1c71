import CommandLineSupport

/// A command that has every kind of argument and option.
let compile = CommandSpecification(
  name: "compile", summary: "compile a trained checkpoint to integers",
  positionals: [
    PositionalSpecification("MODEL", help: "the checkpoint"),
    PositionalSpecification("EXTRA", isOptional: true, help: "a second file"),
  ],
  options: [
    OptionSpecification(
      "output", short: "o", .value("OUT.adb"), isRequired: true, help: "the file to write"),
    OptionSpecification(
      "arch", .oneOf(["auto", "resnet20", "lenet5"], name: "NAME"), help: "the architecture"),
    OptionSpecification("map", .value("PATTERN=NAME"), isRepeatable: true, help: "rename keys"),
    OptionSpecification("calibrate", .value("IMAGES.npy"), help: "images to calibrate on"),
    OptionSpecification("mean", .value("A,B,C"), help: "the mean of each channel"),
    OptionSpecification("input-shape", .value("CxHxW"), help: "the shape of one image"),
    OptionSpecification("layer-bits", .value("NAME=N,..."), isRepeatable: true, help: "bits"),
    OptionSpecification("bits", short: "b", .value("N"), help: "bits of the activations"),
    OptionSpecification("min-agreement", .value("PERCENT"), help: "fail below this agreement"),
    .quiet, .json,
  ],
  discussion: ["Without images the ranges come from the batch norm statistics of the model."])

/// A command that takes several files.
let concatenate = CommandSpecification(
  name: "concatenate", summary: "take files",
  positionals: [
    PositionalSpecification("OUTPUT", help: "the first file"),
    PositionalSpecification("FIRST", help: "a file"),
    PositionalSpecification("SECOND", isOptional: true, help: "a file"),
    PositionalSpecification("THIRD", isOptional: true, help: "a file"),
  ])
