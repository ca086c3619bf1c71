import ADBFormat
import AdderCostModel
import AdderHost
import AdderModel
import AdderRuntime

/// Model files whose bytes libFuzzer mutates, behind a right header half of the time, and all that host
/// programs tell of those that verify.
struct ModelTarget: FuzzTarget {
  static let name = "model"
  private var runs = ModelRuns()

  mutating func run(_ bytes: [UInt8]) {
    guard let model = runs.run(bytes) ?? runs.run(sealed(bytes)) else { return }
    for kernels in KernelClassName.allCases {
      check(model.plans(kernels).count == model.layers.count, "a layer without a plan")
    }
    let map = model.arenaMap
    check(map.peak.moment >= -1, "no moment of the peak")
    for name in ["paper-int8", "tpuv4i-7nm", "stm32f401", "picorv32"] {
      do throws(CostError) {
        guard let target = try BuiltIns.target(name) else { continue }
        let estimate = try Estimate.make(
          { CostNetwork(model, kernels: $0?.kernels) }, on: target, kernels: BuiltIns.kernels)
        check(estimate: estimate)
      } catch {
        fatalError("finding: a target that comes with the program: \(error.messages)")
      }
    }
  }

  /// libFuzzer's mutations, but for where there is nothing to mutate.
  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    guard bytes.count < 100 else { return nil }
    return seed & 1 == 0 ? ModelMutator.origin : ModelMutator.detector
  }

  /// The file with the size and checksum of its bytes.
  private func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var file = Array(bytes.prefix(bytes.count & ~15))
    sealModel(&file)
    return file
  }

  var statistics: [(name: String, count: Int)] { runs.statistics }
}

/// Checks that the numbers of an estimate are finite and in order.
func check(estimate: Estimate) {
  for interval in [estimate.total.cycles, estimate.total.energy, estimate.seconds] {
    guard let interval else { continue }
    check(
      interval.low <= interval.value && interval.value <= interval.high && interval.low >= 0
        && interval.high.isFinite,
      "\(interval)")
  }
  _ = estimate.verdicts
}
