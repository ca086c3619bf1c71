import ADBFormat
import Foundation

extension ModelBuilder {
  /// T[i] = round(2¹⁶ · ln(1 + e^(−i/64))), i = 0…1024.
  package static let logTable: [UInt16] = (0...1024).map {
    UInt16((65_536 * log1p(exp(-Double($0) / 64))).rounded())
  }

  /// A detector whose outputs are made of inputs of their own, 16·(x − 128) of each byte x.
  ///
  /// Tensor 0 is the image, also the last output. Each level has three inputs, from 1 on, then each has
  /// three outputs: logits of classes, distances, centerness. 16 are a pixel or 1/16 of a logit.
  ///
  /// - Parameters:
  ///   - classCounts: The channels of each level's logits.
  ///   - change: May change the section.
  package static func detector(
    height: Int = 48, width: Int = 64, classCounts: [Int] = [3, 3], strideShifts: [UInt8] = [3, 4],
    _ change: (inout Detection, inout [DetectionLevel]) -> Void = { _, _ in }
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let image = model.input(height, width, 1)
    var header = Detection {
      $0.fractionBits = 4
      $0.overlap = 128
      $0.candidateLimit = 200
      $0.boxLimit = 100
      $0.tableOffset = model.constants(u16: logTable)
      $0.scoreThresholdBits = Float(0.05).bitPattern
    }
    let table = model.table([ChannelEntry(centre: 128, bias: 0, terms: ScaleTerms((4, 1)))])
    var inputs: [UInt32] = []
    for (shift, classCount) in zip(strideShifts, classCounts) {
      let extents = [height, width].map { ($0 + (1 << Int(shift)) - 1) >> Int(shift) }
      for channels in [classCount, 4, 1] {
        inputs.append(model.input(extents[0], extents[1], channels))
      }
    }
    var levels: [DetectionLevel] = []
    for (index, shift) in strideShifts.enumerated() {
      let outputs = inputs[3 * index..<3 * index + 3].map { model.widened($0, table: table) }
      levels.append(
        DetectionLevel {
          $0.classes = outputs[0]
          $0.distances = outputs[1]
          $0.centerness = outputs[2]
          $0.threshold = -48
          $0.strideShift = shift
          $0.classShift = -12
          $0.distanceShift = 0
          $0.centernessShift = -12
        })
    }
    model.output(image)
    change(&header, &levels)
    model.detection = (header, levels)
    return model
  }

  /// An output of 32-bit elements in the shape of a tensor, by one channel entry.
  private mutating func widened(_ input: UInt32, table: UInt32) -> UInt32 {
    let shape = tensors[Int(input)]
    let output = tensor(Int(shape.height), Int(shape.width), Int(shape.channels), .int32)
    append(
      Requantize {
        $0.input = input
        $0.output = output
        $0.requantizer = Requantizer {
          $0.residual = Requantizer.noResidual
          $0.tableOffset = table
          $0.entryCount = 1
          $0.wide = false
          $0.outputMin = .min
          $0.outputMax = .max
        }
      })
    self.output(output)
    return output
  }
}
