// swift-tools-version: 6.2
import PackageDescription

// ADBFormat and AdderRuntime also compile as Embedded Swift for microcontrollers
// (tools/embedded/build); everything below them needs Foundation and runs on the host only. AdderVector
// reads records where they lie, as these do, and is compiled like them.
//
// They are in Swift 6 but for one of its features: where key path literals are inferred to be
// Sendable, the compiler does not turn them into the constant offsets that `Stored` needs, since key
// paths do not exist at run time in Embedded Swift.
let embedded: [SwiftSetting] =
  [.swiftLanguageMode(.v5)]
  + [
    "ConciseMagicFile", "DisableOutwardActorInference", "DynamicActorIsolation",
    "ForwardTrailingClosures", "GlobalActorIsolatedTypesUsability", "GlobalConcurrency",
    "ImplicitOpenExistentials", "IsolatedDefaultValues", "NonfrozenEnumExhaustivity",
    "RegionBasedIsolation", "StrictConcurrency",
  ].map { .enableUpcomingFeature($0) }

// The hardware that `adderc estimate` knows; Sources/AdderCostModel/BuiltIns.swift names each, too.
let costTargets = [
  "paper-fp32", "paper-int8", "via-nano", "horowitz45", "tpuv4i-7nm", "eyeriss-relative",
  "osu018-gates", "cortex-m0plus", "stm32f401", "stm32l4r5", "stm32u575", "stm32h7a3", "stm32g0b1",
  "picorv32", "picorv32-barrel", "ibex", "serv",
]
let costCores = ["cortex-m4", "cortex-m0", "rv32i"]

let package = Package(
  name: "adder",
  products: [
    .library(name: "AdderRuntime", targets: ["AdderRuntime", "AdderDetection", "ADBFormat"]),
    .library(name: "adder", type: .static, targets: ["AdderC", "CAdder"]),
    .library(name: "AdderCompiler", targets: ["AdderCompiler", "ADBFormat"]),
    .executable(name: "adderc", targets: ["adderc"]),
    .executable(name: "adderrun", targets: ["adderrun"]),
  ],
  targets: [
    .target(name: "CAdderCore"),
    .target(name: "ADBFormat", dependencies: ["CAdderCore"], swiftSettings: embedded),
    .target(
      name: "AdderRuntime", dependencies: ["ADBFormat", "CAdderCore"], swiftSettings: embedded),
    // From outputs to boxes, on microcontrollers, too.
    .target(
      name: "AdderDetection", dependencies: ["ADBFormat", "CAdderCore"], swiftSettings: embedded),
    .target(name: "CAdder"),
    .target(
      name: "AdderC", dependencies: ["AdderDetection", "AdderRuntime", "ADBFormat", "CAdder"],
      swiftSettings: embedded),
    .target(name: "AdderText"),
    // Floating point with multiplications, for the compiler's own runs of a network.
    .target(name: "CAdderFloat"),
    .target(name: "AdderCompiler", dependencies: ["ADBFormat", "AdderText", "CAdderFloat"]),
    .target(name: "CommandLineSupport", dependencies: ["AdderText"]),
    .target(name: "AdderModel", dependencies: ["ADBFormat"]),
    .target(
      name: "AdderCostModel",
      dependencies: ["AdderCompiler", "AdderModel", "AdderRuntime", "ADBFormat", "AdderText"],
      // Compiled into the program, so that it needs no folder beside it.
      resources: (costTargets.map { "targets/\($0)" } + costCores.map { "kernels/\($0)" }).map {
        .embedInCode("Resources/\($0).json")
      }),
    .target(name: "CAdderSIMD"),
    .target(
      name: "AdderVector", dependencies: ["AdderRuntime", "ADBFormat", "CAdderSIMD"],
      swiftSettings: embedded),
    .target(
      name: "AdderHost",
      dependencies: [
        "AdderDetection", "AdderModel", "AdderRuntime", "AdderVector", "ADBFormat", "AdderText",
        "CommandLineSupport",
      ]),
    .executableTarget(
      name: "adderc",
      dependencies: [
        "AdderCompiler", "AdderCostModel", "AdderDetection", "AdderHost", "AdderModel",
        "AdderRuntime", "ADBFormat", "AdderText", "CommandLineSupport",
      ]),
    .executableTarget(
      name: "adderrun",
      dependencies: [
        "AdderDetection", "AdderHost", "AdderModel", "AdderRuntime", "AdderVector", "ADBFormat",
        "AdderText", "CommandLineSupport",
      ]),

    .target(
      name: "AdderTestSupport", dependencies: ["AdderDetection", "ADBFormat"],
      path: "Tests/AdderTestSupport"),
    .testTarget(name: "AdderTextTests", dependencies: ["AdderText"]),
    .testTarget(
      name: "ADBFormatTests", dependencies: ["ADBFormat", "CAdderCore", "AdderTestSupport"]),
    .testTarget(
      name: "AdderRuntimeTests", dependencies: ["AdderRuntime", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "AdderDetectionTests",
      dependencies: ["AdderDetection", "AdderRuntime", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "AdderVectorTests",
      dependencies: [
        "AdderVector", "AdderRuntime", "ADBFormat", "CAdderSIMD", "AdderTestSupport",
      ]),
    .testTarget(
      name: "AdderCTests",
      dependencies: [
        "AdderC", "CAdder", "AdderDetection", "AdderRuntime", "ADBFormat", "AdderTestSupport",
      ]),
    // The compiler's tests are two modules, which compile side by side.
    .target(
      name: "AdderCompilerTestSupport", dependencies: ["AdderCompiler", "ADBFormat"],
      path: "Tests/AdderCompilerTestSupport"),
    .testTarget(
      name: "AdderImportTests",
      dependencies: [
        "AdderCompiler", "ADBFormat", "AdderTestSupport", "AdderCompilerTestSupport",
      ]),
    .testTarget(
      name: "AdderCompilerTests",
      dependencies: [
        "AdderCompiler", "AdderModel", "AdderRuntime", "ADBFormat", "AdderTestSupport",
        "AdderCompilerTestSupport",
      ]),
    .testTarget(
      name: "AdderModelTests", dependencies: ["AdderModel", "ADBFormat", "AdderTestSupport"]),
    .testTarget(
      name: "AdderCostModelTests",
      dependencies: [
        "AdderCostModel", "AdderCompiler", "AdderModel", "AdderRuntime", "AdderText", "ADBFormat",
        "AdderTestSupport",
      ]),
    .testTarget(
      name: "CommandLineSupportTests", dependencies: ["CommandLineSupport", "AdderTestSupport"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "AdderModel", "AdderRuntime", "AdderTestSupport", "CommandLineSupport", "adderc",
        "adderrun",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzzer of tools/fuzz/run, which needs sanitizers throughout and a build of its own.
if Context.environment["ADDER_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "adderfuzz",
      dependencies: [
        "AdderCompiler", "AdderCostModel", "AdderDetection", "AdderHost", "AdderModel",
        "AdderRuntime", "AdderVector", "ADBFormat", "AdderText", "AdderTestSupport", "CAdderSIMD",
        "CommandLineSupport",
      ],
      path: "tools/fuzz/adderfuzz"))
}

// The executor's tests under a sanitizer, of tools/simd/check: without those of the compiler, which
// would be built for them, too.
if Context.environment["ADDER_SANITIZE"] != nil {
  package.targets.removeAll { $0.type == .test && $0.name != "AdderVectorTests" }
}
