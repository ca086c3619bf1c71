import AdderCompiler
import AdderText
import Foundation

/// Checkpoints of every container, the match of their tensors with architectures, and skeletons.
struct CheckpointTarget: FuzzTarget {
  static let name = "checkpoint"
  private var reads = CheckpointReads()

  mutating func run(_ bytes: [UInt8]) { reads.read(Data(bytes)) }

  var statistics: [(name: String, count: Int)] { reads.statistics }
}

/// Pickles behind a zip archive's checksums, which mutants of whole files do not pass.
struct PickleTarget: FuzzTarget {
  static let name = "pickle"
  private var reads = CheckpointReads()

  mutating func run(_ bytes: [UInt8]) {
    if PlantedDefect.current == .quadraticReader {
      let marks = bytes.indices.reduce(0) { sum, end in
        sum + bytes[..<end].count { $0 == UInt8(ascii: "(") }
      }
      check(marks >= 0, "a negative count")
    }
    reads.read(zipCheckpoint(pickle: Data(bytes)))
  }

  var statistics: [(name: String, count: Int)] { reads.statistics }
}

/// Reads checkpoints and counts those that were read.
private struct CheckpointReads {
  private var count = 0
  private var acceptedCount = 0

  var statistics: [(name: String, count: Int)] { [("read", count), ("accepted", acceptedCount)] }

  mutating func read(_ bytes: Data) {
    count += 1
    do throws(CompileError) {
      let checkpoint = try readCheckpoint(bytes, fileName: "f")
      acceptedCount += 1
      var names: Set<ExactName> = []
      for tensor in checkpoint.tensors {
        check(names.insert(ExactName(tensor.name)).inserted, "two tensors '\(tensor.name)'")
        check(
          checkedProduct(tensor.shape) == tensor.values.count,
          "\(tensor.values.count) values of shape \(tensor.shape)")
        check(tensor.values.allSatisfy(\.isFinite), "a value of '\(tensor.name)' is not finite")
      }
      do throws(CompileError) {
        _ = try skeleton(of: checkpoint, fileName: "f")
      } catch {
        check(refusal: error)
      }
      _ = try importGraph(from: checkpoint, fileName: "f")
    } catch {
      check(refusal: error)
    }
  }
}
