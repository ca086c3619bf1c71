import ADBFormat
import Foundation

/// The section *detection* of a program (docs/adb-format.md).
package struct DetectionRecords: Sendable {
  package var header = Detection()
  package var levels: [DetectionLevel] = []
}

extension Detection {
  /// T[i] = round(2¹⁶·ln(1 + e^(−i/64))) for i = 0…1024, in 16 bits each.
  package static var logSigmoidTable: [UInt8] {
    var bytes: [UInt8] = []
    for index in 0...1024 {
      let value = log1p(exp(-Double(index) / 64))
      bytes.append(number: UInt16((value * 0x1p16).rounded()))
    }
    return bytes
  }
}

extension DetectionDescription {
  /// The most bits behind a coordinate's point with which it has 16 bits, 1…8.
  func fractionBits(of canvas: TensorShape) -> Int {
    let extent = max(canvas.height, canvas.width)
    return (1...8).last { extent << $0 <= 65_535 } ?? 1
  }

  /// The records of a program's outputs.
  ///
  /// An output's integer c is the real number c·2^−F. A logit in 2^−16 is c >> (F − 16); a distance
  /// in units of 2^−f pixels, of strides of 2^k pixels, is c >> (F − f − k). A class with the least
  /// score t has c ≥ ln(t / (1 − t))·2^F.
  ///
  /// - Parameters:
  ///   - tensors: Those of the program.
  ///   - outputs: The program's outputs, numbers of tensors.
  ///   - canvas: The image.
  ///   - tableOffset: Of ``Detection/logSigmoidTable`` among the constants.
  /// - Throws: `unsupported` where outputs are so small or large that a shift leaves its range, and
  ///   `usage` where given scales are none of a detector.
  func records(
    _ tensors: [Program.Tensor], outputs: [Int], canvas: TensorShape, tableOffset: Int
  ) throws(CompileError) -> DetectionRecords {
    let bits = fractionBits(of: canvas)
    var findings: [String] = []
    var records = DetectionRecords()
    records.header = Detection {
      $0.fractionBits = UInt8(bits)
      $0.overlap = UInt8(overlapNumber)
      $0.candidateLimit = UInt16(candidates)
      $0.boxLimit = UInt16(boxes)
      $0.tableOffset = UInt32(tableOffset)
      $0.scoreThresholdBits = Float(score).bitPattern
    }
    let logit = log(score) - log1p(-score)
    for level in levels {
      for (_, output) in level.outputs {
        let tensor = tensors[outputs[output]]
        guard tensor.elementType == .int32, tensor.zeroPoint == 0, tensor.scale.isPowerOfTwo else {
          throw CompileError(
            .usage,
            "\(source): output \(output) '\(tensor.name)' has the scale \(tensor.scale) and zero point "
              + "\(tensor.zeroPoint), expected 32-bit integers with a power of two and 0; compile "
              + "without --scales-from")
        }
      }
      let strideShift = level.stride.trailingZeroBitCount
      func shift(_ output: Int, to fraction: Int) -> Int8 {
        let tensor = tensors[outputs[output]]
        let shift = -Int(tensor.scale.exponent) - fraction
        if shift < Int(Limits.leastRescaleShift) || shift > Int(Limits.largestRescaleShift) {
          // All values fit in ±2¹⁷ steps.
          findings.append(
            "output \(output) '\(tensor.name)' is in steps of 2^\(tensor.scale.exponent), expected "
              + "2^\(-fraction - Int(Limits.largestRescaleShift)) to "
              + "2^\(-fraction - Int(Limits.leastRescaleShift)): "
              + (shift > 0
                ? "its numbers are hardly ever other than 0"
                : "its numbers are far beyond those of any logit or image")
              + "; is the network trained, and were the images those of its training?")
          return 0
        }
        return Int8(shift)
      }
      let scale = Double(tensors[outputs[level.classes]].scale)
      records.levels.append(
        DetectionLevel {
          $0.classes = UInt32(outputs[level.classes])
          $0.distances = UInt32(outputs[level.distances])
          $0.centerness = UInt32(outputs[level.centerness])
          $0.threshold = Int32(
            min(max((logit / scale).rounded(.up), Double(Int32.min)), Double(Int32.max)))
          $0.strideShift = UInt8(strideShift)
          $0.classShift = shift(level.classes, to: 16)
          $0.distanceShift = shift(level.distances, to: bits + strideShift)
          $0.centernessShift = shift(level.centerness, to: 16)
        })
    }
    try refuse(findings, .unsupported)
    return records
  }
}

extension Float {
  fileprivate var isPowerOfTwo: Bool { isNormal && self > 0 && significandBitPattern == 0 }
}
