import AdderCompiler

/// What takes the fuzzer's inputs.
///
/// A finding ends the process: a trap of the product, what a sanitizer sees, an input that takes too
/// long or too much memory, and a `check` that fails.
protocol FuzzTarget {
  static var name: String { get }
  init()
  /// Gives an input to the code under test.
  mutating func run(_ bytes: [UInt8])
  /// A mutant that keeps to the structure of what the target takes; nil leaves it to libFuzzer.
  mutating func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]?
  /// How many of the inputs came how far, printed at the end.
  var statistics: [(name: String, count: Int)] { get }
}

extension FuzzTarget {
  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? { nil }

  var statistics: [(name: String, count: Int)] { [] }

  func printStatistics() {
    for (name, count) in statistics { print("statistic \(name) \(count)") }
  }
}

/// All targets; tools/fuzz/run goes through the folders of golden/fuzz, which have their names.
var fuzzTargets: [any FuzzTarget.Type] {
  [
    CheckpointTarget.self, CompilerTarget.self, DetectionTarget.self, GraphTarget.self,
    HardwareTarget.self, InterpreterTarget.self, JSONTarget.self, ModelTarget.self,
    NumPyTarget.self, PickleTarget.self,
  ]
}

/// Ends the process with a finding unless a condition holds.
func check(_ condition: Bool, _ finding: @autoclosure () -> String) {
  guard condition else { fatalError("finding: \(finding())") }
}

/// Checks that messages are what the programs can print: lines of a bounded length.
func check(messages: [String]) {
  check(!messages.isEmpty && messages.count <= 1001, "\(messages.count) messages")
  for message in messages {
    check(!message.utf8.contains(0x0A), "a message of several lines: \(message)")
    check(message.utf8.count <= 16_384, "a message of \(message.utf8.count) bytes")
  }
}

/// Checks that an input was refused for what it is.
func check(refusal error: CompileError) {
  check([.malformed, .unsupported].contains(error.kind), "\(error)")
  check(messages: error.messages)
}

/// A defect put in on purpose, with which `tools/fuzz/run --self-check` proves that it would be found.
enum PlantedDefect: String {
  /// The interpreter's arena ends a word before it should.
  case shortArena = "short-arena"
  /// One class of kernels computes another integer.
  case wrongKernel = "wrong-kernel"
  /// A vector kernel leaves out the last position of a chunk.
  case wrongVectors = "wrong-vectors"
  /// The verifier accepts what it should refuse.
  case lenientVerifier = "lenient-verifier"
  /// A pickle is compared with each of its beginnings.
  case quadraticReader = "quadratic-reader"
  /// JSON text is read beyond its end.
  case overRead = "over-read"
  /// A candidate more is taken in than there is memory for.
  case shortBoxes = "short-boxes"
  /// The compiler writes a file that the verifier refuses.
  case wrongFile = "wrong-file"

  nonisolated(unsafe) static var current: PlantedDefect?
}
