import ADBFormat
import AdderModel
import AdderRuntime
import AdderVector

/// Runs a verified model with every class of kernels and every instruction set of this processor, and
/// compares the outputs.
struct KernelComparison {
  private let view: ProgramView
  private let model: Model

  /// - Parameter view: Of the same file as `model`, in memory of its exact size.
  init(_ view: ProgramView, _ model: Model) {
    self.view = view
    self.model = model
  }

  /// - Parameter seed: Chooses what the arena holds before a run, the inputs among it.
  /// - Returns: Whether the outputs of classes could be compared.
  func run(seed: UInt32) -> Bool {
    let outputs = KernelClassName.allCases.map { run($0, seed: seed) }
    // Always: where a model reads what it overwrote, vectors leave it to the interpreter, whose class
    // on hosts is the first.
    let sets = InstructionSet.available
    for set in sets { run(set, seed: seed, expected: outputs[0]) }
    // One in eight: threads that wait for each other take as long as all else.
    if seed & 7 == 0 {
      run(sets[Int(seed >> 3) % sets.count], threadCount: 3, seed: seed, expected: outputs[0])
    }
    guard keepsValues else { return false }
    for (kernels, output) in zip(KernelClassName.allCases, outputs) {
      check(output == outputs[0], "outputs of \(kernels) differ from the reference's")
    }
    return true
  }

  private func run(_ kernels: KernelClassName, seed: UInt32) -> [UInt8] {
    let hidden = PlantedDefect.current == .shortArena ? 4 : 0
    let arena = ExactMemory(byteCount: model.arenaByteCount, hiddenByteCount: hidden)
    arena.fill(seed: seed, count: arena.bytes.count - hidden)
    do throws(ModelError) {
      let interpreter = try Interpreter(program: view, arena: arena.bytes)
      interpreter.run(with: kernels)
      var outputs = model.outputs.flatMap {
        Array(interpreter.bytes(ofBinding: UInt32($0.binding)))
      }
      if PlantedDefect.current == .wrongKernel, kernels == .swar, outputs.count > 1 {
        outputs[1] ^= 1
      }
      return outputs
    } catch {
      fatalError("finding: the stated arena is refused: \(error)")
    }
  }

  /// Runs on vectors, one thread twice in a session, and compares the outputs.
  private func run(
    _ set: InstructionSet, threadCount: Int = 1, seed: UInt32, expected: [UInt8]
  ) {
    let arena = ExactMemory(byteCount: model.arenaByteCount)
    do throws(ModelError) {
      let program = VectorProgram(
        view, set, keepsTensors: seed & 16 != 0, sharesAll: threadCount > 1)
      let session = try VectorSession(program, arena: arena.bytes, threadCount: threadCount)
      for _ in 0..<(threadCount == 1 ? 2 : 1) {
        arena.fill(seed: seed)
        session.run()
        let outputs = model.outputs.flatMap {
          Array(session.bytes(ofBinding: UInt32($0.binding)))
        }
        check(
          outputs == expected,
          "outputs of \(set.name) on \(threadCount) threads differ from the interpreter's")
      }
    } catch {
      fatalError("finding: the stated arena is refused: \(error)")
    }
  }

  /// Whether nothing that is read was overwritten before.
  ///
  /// The verifier does not ask this, as it is no matter of safety; but what classes of kernels leave in
  /// a scratch area differs, and with it what a model computes that reads it as a tensor.
  private var keepsValues: Bool {
    let scratch = -2
    var owners = [Int](repeating: -1, count: (model.arenaByteCount + 3) / 4)
    func words(_ bytes: Range<Int>) -> Range<Int> {
      bytes.lowerBound / 4..<(bytes.upperBound + 3) / 4
    }
    func take(_ bytes: Range<Int>, for owner: Int) {
      for word in words(bytes) { owners[word] = owner }
    }
    func isWhole(_ tensor: Int) -> Bool {
      owners[words(model.tensors[tensor].arena)].allSatisfy { $0 == tensor }
    }
    for input in model.inputs { take(input.tensor.arena, for: input.tensor.index) }
    for layer in model.layers {
      guard layer.tensorsRead.allSatisfy(isWhole) else { return false }
      if let patch = layer.patch { take(patch.scratch, for: scratch) }
      take(model.tensors[layer.output].arena, for: layer.output)
    }
    return model.outputs.allSatisfy { isWhole($0.tensor.index) }
  }
}
