import AdderDetection
import AdderModel

/// Finds the boxes of a detector's images from the outputs that runs gave.
package struct BoxFinder {
  /// What the boxes of an image are, in falling order of scores.
  package struct Found: Sendable {
    package let boxes: [Box]
    /// The classes at locations that reached the threshold.
    package let candidateCount: Int
  }

  private let detector: Detector
  /// Room for the model's limit of candidates, so that none is dropped.
  private let capacity: Int
  /// Of each tensor that is an output, where it begins among the values of an image.
  private let starts: [Int: Int]

  /// - Returns: nil for a model that says nothing of boxes.
  package init?(_ model: Model) {
    do {
      guard let detector = try Detector(model.view) else { return nil }
      self.detector = detector
    } catch {
      preconditionFailure("a model is verified: \(error)")
    }
    capacity = Int(detector.view.candidateLimit)
    var starts: [Int: Int] = [:]
    var count = 0
    for output in model.outputs {
      starts[output.tensor.index] = count
      count += output.tensor.elementCount
    }
    self.starts = starts
  }

  /// The boxes of one image.
  ///
  /// - Precondition: The values are of this model.
  package func boxes(of values: OutputValues<Int32>) -> Found {
    var memory = [Box](repeating: Box(), count: capacity)
    let found = values.elements.withUnsafeBytes { elements in
      memory.withUnsafeMutableBufferPointer { memory in
        detector.detect(into: memory) { tensor in
          // The verifier lets a level name outputs alone.
          guard let start = starts[Int(tensor)], let base = elements.baseAddress else {
            preconditionFailure("tensor \(tensor) is no output")
          }
          return UnsafeRawPointer(base) + 4 * start
        }
      }
    }
    return Found(
      boxes: Array(memory[..<Int(found.boxCount)]), candidateCount: Int(found.candidateCount))
  }
}
