/// The targets and the costs of kernels that come with the program, compiled into it.
package enum BuiltIns {
  /// Each target's file by its name.
  private static let targetFiles: [(name: String, bytes: [UInt8])] = [
    ("paper-fp32", PackageResources.paper_fp32_json),
    ("paper-int8", PackageResources.paper_int8_json),
    ("via-nano", PackageResources.via_nano_json),
    ("horowitz45", PackageResources.horowitz45_json),
    ("tpuv4i-7nm", PackageResources.tpuv4i_7nm_json),
    ("eyeriss-relative", PackageResources.eyeriss_relative_json),
    ("osu018-gates", PackageResources.osu018_gates_json),
    ("cortex-m0plus", PackageResources.cortex_m0plus_json),
    ("stm32f401", PackageResources.stm32f401_json),
    ("stm32l4r5", PackageResources.stm32l4r5_json),
    ("stm32u575", PackageResources.stm32u575_json),
    ("stm32h7a3", PackageResources.stm32h7a3_json),
    ("stm32g0b1", PackageResources.stm32g0b1_json),
    ("picorv32", PackageResources.picorv32_json),
    ("picorv32-barrel", PackageResources.picorv32_barrel_json),
    ("ibex", PackageResources.ibex_json),
    ("serv", PackageResources.serv_json),
  ]

  /// What `tools/cost` measured, by the name of the core.
  private static let kernelFiles = [
    "cortex-m4": PackageResources.cortex_m4_json,
    "cortex-m0": PackageResources.cortex_m0_json,
    "rv32i": PackageResources.rv32i_json,
  ]

  package static var targetNames: [String] { targetFiles.map(\.name) }

  /// The target of a name; nil if there is none.
  package static func target(_ name: String) throws(CostError) -> Target? {
    guard let file = targetFiles.first(where: { $0.name == name }) else { return nil }
    return try Target(reading: file.bytes, file: name)
  }

  /// What the kernels of a core cost.
  ///
  /// - Throws: `unsupported` where they were not measured.
  package static func kernels(_ core: String) throws(CostError) -> KernelCosts {
    guard let bytes = kernelFiles[core] else {
      throw CostError(
        .unsupported,
        [
          "no kernel costs for '\(core)', expected Resources/kernels/\(core).json in this build; "
            + "tools/cost makes it, or name a file of yours, ending in .json, as the target's "
            + "'kernels'"
        ])
    }
    return try KernelCosts(reading: bytes, file: "\(core).json")
  }
}
