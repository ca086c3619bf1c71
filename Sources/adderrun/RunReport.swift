import AdderHost
import AdderModel
import CommandLineSupport
import Dispatch
import Foundation

/// How many images got their class.
struct Accuracy {
  let right: Int
  let total: Int

  /// Counts the images whose largest value, the first of equal ones, is that of their class.
  init(of values: [OutputValues<Int32>], labels: [Int]) {
    right = zip(values, labels).count { $0.channelsFirst(0)[...].offsetOfLargest == $1 }
    total = labels.count
  }

  var percent: Double { 100 * Double(right) / Double(total) }
}

/// What a run finds.
struct RunReport {
  let options: RunOptions
  let model: Model
  /// The outputs of each image.
  private(set) var values: [OutputValues<Int32>] = []
  private(set) var seconds: [Double] = []
  /// What the processor spent on each repetition, all threads together.
  private(set) var processorSeconds: [Double] = []
  private(set) var profile: Profile?
  private let engine: ModelEngine
  private let runner: ModelRunner
  var accuracy: Accuracy?
  var comparison: OutputComparison?
  /// Nil unless boxes are asked for.
  var detections: DetectionReport?

  init(_ options: RunOptions, _ model: Model) {
    self.options = options
    self.model = model
    engine = ModelEngine(model, kernels: options.kernels)
    threadCount = options.profiles ? 1 : RunLimits.threadCount(options.threadCount, for: model)
    runner = ModelRunner(engine, threadCount: threadCount)
    if options.profiles { profile = Profile(engine) }
  }

  let threadCount: Int

  var bestSeconds: Double { seconds.min() ?? 0 }

  /// Runs all images as often as the options say.
  ///
  /// - Throws: `internalError` if repetitions differ.
  mutating func run(
    _ images: [[[UInt8]]], diagnostics: Diagnostics
  ) throws(CommandLineFailure) {
    let repeatCount = options.repeatCount ?? 1
    let line = diagnostics.progress("images", of: images[0].count * repeatCount)
    defer { line.finish() }
    for repetition in 0..<repeatCount {
      let processorStart = Self.processorNanoseconds
      let start = DispatchTime.now().uptimeNanoseconds
      let values = runOnce(images, line)
      seconds.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
      processorSeconds.append(Double(Self.processorNanoseconds - processorStart) / 1e9)
      guard
        repetition == 0
          || values.elementsEqual(self.values, by: { $0.elements == $1.elements })
      else {
        throw CommandLineFailure(
          .internalError, "two runs give different values; please report it with the model")
      }
      self.values = values
    }
  }

  /// The time that this process has had on processors, which does not grow while others have them.
  private static var processorNanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private mutating func runOnce(
    _ images: [[[UInt8]]], _ line: ProgressLine
  ) -> [OutputValues<Int32>] {
    guard var profile else { return runner.run(images) { line.advance() } }
    let session = ModelSession(engine)
    let values = images[0].indices.map { image in
      defer { line.advance() }
      return profile.run(session, images.map { $0[image] })
    }
    self.profile = profile
    return values
  }
}
