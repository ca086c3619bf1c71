import ADBFormat
import AdderDetection
import AdderHost
import AdderModel
import CommandLineSupport

/// The verifier, and the interpreter with every class of kernels on what it accepts.
struct InterpreterTarget: FuzzTarget {
  static let name = "interpreter"
  private var runs = ModelRuns()

  mutating func run(_ bytes: [UInt8]) { runs.run(bytes) }

  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    ModelMutator.mutant(of: bytes, seed: seed)
  }

  var statistics: [(name: String, count: Int)] { runs.statistics }
}

/// Verifies models, runs them in memory of their exact size, and counts them.
struct ModelRuns {
  private var count = 0
  private var verifiedCount = 0
  private var runCount = 0
  private var comparedCount = 0

  var statistics: [(name: String, count: Int)] {
    [("read", count), ("accepted", verifiedCount), ("ran", runCount), ("compared", comparedCount)]
  }

  /// - Returns: The model, if it was run.
  @discardableResult
  mutating func run(_ bytes: [UInt8]) -> Model? {
    count += 1
    let image = ExactMemory(bytes)
    let view: ProgramView
    do throws(ModelError) {
      view = try ProgramView(verifying: UnsafeRawBufferPointer(image.bytes))
    } catch {
      let isKnown = error.byteOffset <= bytes.count || bytes.count < 32
      check(isKnown, "an error at byte \(error.byteOffset) of \(bytes.count)")
      if PlantedDefect.current == .lenientVerifier, error.reason == .outsideArena {
        fatalError("finding: planted: a tensor outside the arena was accepted")
      }
      return refuse(bytes)
    }
    verifiedCount += 1
    do throws(CommandLineFailure) {
      let model = try Model(bytes, origin: "f")
      guard model.arenaByteCount <= 1 << 20, RunLimits.stepsOfImage(model) <= 1 << 20 else {
        return nil
      }
      if KernelComparison(view, model).run(seed: model.checksum) { comparedCount += 1 }
      detect(view, seed: model.checksum)
      runCount += 1
      return model
    } catch {
      fatalError("finding: a verified file is refused: \(error)")
    }
  }

  /// Finds the boxes of a detector in an arena of chance, of the exact size.
  private func detect(_ view: ProgramView, seed: UInt32) {
    guard let detector = try? Detector(view) else { return }
    let arena = ExactMemory(byteCount: Int(view.arenaByteCount))
    arena.fill(seed: seed)
    let capacity = 1 + Int(seed >> 8) % (2 * Int(detector.view.candidateLimit))
    let boxes = ExactMemory(byteCount: capacity * MemoryLayout<Box>.size)
    guard let tensors = arena.bytes.baseAddress else { return }
    let found = detector.detect(
      tensors: tensors, into: boxes.bytes.bindMemory(to: Box.self))
    check(
      found.boxCount <= capacity && found.boxCount <= found.candidateCount,
      "\(found) of a capacity of \(capacity)")
  }

  /// Says what is wrong with a file.
  private func refuse(_ bytes: [UInt8]) -> Model? {
    do throws(CommandLineFailure) {
      _ = try Model(bytes, origin: "f")
      fatalError("finding: a refused file is a model")
    } catch {
      check([.malformed, .unsupported].contains(error.exitCode), "\(error)")
      check(messages: error.messages)
      return nil
    }
  }
}
