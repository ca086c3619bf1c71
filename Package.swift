// swift-tools-version: 6.2
import PackageDescription

// ADBFormat and AdderRuntime also compile as Embedded Swift for microcontrollers
// (tools/embedded/build); everything below them needs Foundation and runs on the host only.
let package = Package(
  name: "adder",
  products: [
    .library(name: "AdderRuntime", targets: ["AdderRuntime", "ADBFormat"]),
    .library(name: "adder", type: .static, targets: ["AdderC", "CAdder"]),
    .library(name: "AdderCompiler", targets: ["AdderCompiler", "ADBFormat"]),
    .executable(name: "adderc", targets: ["adderc"]),
    .executable(name: "adderrun", targets: ["adderrun"]),
  ],
  targets: [
    .target(name: "CAdderCore"),
    .target(name: "ADBFormat", dependencies: ["CAdderCore"]),
    .target(name: "AdderRuntime", dependencies: ["ADBFormat", "CAdderCore"]),
    .target(name: "CAdder"),
    .target(name: "AdderC", dependencies: ["AdderRuntime", "ADBFormat", "CAdder"]),
    .target(name: "AdderText"),
    .target(name: "AdderCompiler", dependencies: ["ADBFormat", "AdderText"]),
    .target(name: "CommandLineSupport", dependencies: ["AdderText"]),
    .target(name: "AdderModel", dependencies: ["ADBFormat"]),
    .target(
      name: "AdderHost",
      dependencies: [
        "AdderModel", "AdderRuntime", "ADBFormat", "AdderText", "CommandLineSupport",
      ]),
    .executableTarget(
      name: "adderc",
      dependencies: [
        "AdderCompiler", "AdderHost", "AdderModel", "ADBFormat", "AdderText", "CommandLineSupport",
      ]),
    .executableTarget(
      name: "adderrun",
      dependencies: ["AdderHost", "AdderModel", "ADBFormat", "AdderText", "CommandLineSupport"]),

    .target(
      name: "AdderTestSupport", dependencies: ["ADBFormat"], path: "Tests/AdderTestSupport"),
    .testTarget(name: "AdderTextTests", dependencies: ["AdderText"]),
    .testTarget(
      name: "ADBFormatTests", dependencies: ["ADBFormat", "CAdderCore", "AdderTestSupport"]),
    .testTarget(
      name: "AdderRuntimeTests", dependencies: ["AdderRuntime", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "AdderCTests",
      dependencies: ["AdderC", "CAdder", "AdderRuntime", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "AdderCompilerTests",
      dependencies: ["AdderCompiler", "AdderRuntime", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "AdderModelTests", dependencies: ["AdderModel", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "CommandLineSupportTests", dependencies: ["CommandLineSupport", "AdderTestSupport"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["AdderModel", "AdderTestSupport", "CommandLineSupport", "adderc", "adderrun"]),
  ],
  swiftLanguageModes: [.v6]
)
