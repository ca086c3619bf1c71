import AdderCostModel
import AdderModel
import AdderTestSupport

/// Target files and costs of kernels of `adderc estimate`, and estimates with what they say.
struct HardwareTarget: FuzzTarget {
  static let name = "target"
  private let model: Model
  private let costs: KernelCosts

  init() {
    do {
      model = try Model(ModelBuilder.everyOperation().bytes())
      costs = try BuiltIns.kernels("cortex-m4")
    } catch {
      fatalError("the harness has no model: \(error)")
    }
  }

  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    JSONMutator.mutant(of: bytes, seed: seed)
  }

  func run(_ bytes: [UInt8]) {
    read { () throws(CostError) in
      let target = try Target(reading: bytes, file: "f")
      estimate(on: target, with: costs)
      estimate(on: target.at(voltage: 0.5), with: costs)
    }
    read { () throws(CostError) in
      let costs = try KernelCosts(reading: bytes, file: "f")
      guard let target = try BuiltIns.target("stm32f401") else { return }
      estimate(on: target, with: costs)
    }
  }

  private func estimate(on target: Target, with costs: KernelCosts) {
    read { () throws(CostError) in
      var estimate = try Estimate.make(
        { CostNetwork(model, kernels: $0?.kernels) }, on: target
      ) { _ throws(CostError) in costs }
      check(estimate: estimate)
      _ = estimate.addIdle(period: 1)
      check(estimate: estimate)
    }
  }

  private func read(_ body: () throws(CostError) -> Void) {
    do throws(CostError) {
      try body()
    } catch {
      check(messages: error.messages)
    }
  }
}
