import ADBFormat
import CAdderSIMD

/// Where the windows of a layer stand on its buffer, in bytes or in elements.
struct WindowTables: Sendable {
  /// For each output position, and `ADDER_TILE` more, which repeat the last.
  let positions: Table<UInt32>
  let positionCount: Int

  /// - Parameters:
  ///   - origin: The position of the buffer at which the first window stands.
  ///   - unit: The bytes, or the elements, of one position of the buffer.
  init(
    _ window: Stored<WindowGeometry>, output: TensorRecord, columns: Int, origin: Int, unit: Int
  ) {
    positionCount = Int(output.height) * Int(output.width)
    positions = Table(count: positionCount + Int(ADDER_TILE), repeating: 0)
    var index = 0
    for row in 0..<Int(output.height) {
      let start = origin + row * Int(window.strideHeight) * columns
      for column in 0..<Int(output.width) {
        positions.start[index] = UInt32((start + column * Int(window.strideWidth)) * unit)
        index += 1
      }
    }
    for _ in 0..<ADDER_TILE {
      positions.start[index] = positions.start[positionCount - 1]
      index += 1
    }
  }

  /// Windows of one element of each channel: the first elements of a tensor's positions.
  init(positionsOf tensor: TensorRecord) {
    positionCount = Int(tensor.height) * Int(tensor.width)
    positions = Table(count: positionCount + Int(ADDER_TILE), repeating: 0)
    var element: UInt32 = 0
    for position in 0..<positionCount {
      positions.start[position] = element
      element &+= tensor.channels
    }
    for position in positionCount..<positions.count {
      positions.start[position] = positions.start[positionCount - 1]
    }
  }

  /// The steps of `stepCount` times `step` from the start of each tap on, tap after tap.
  static func taps(
    _ window: Stored<WindowGeometry>, columns: Int, unit: Int, stepCount: Int, step: Int
  ) -> [UInt32] {
    var taps: [UInt32] = []
    for row in 0..<Int(window.kernelHeight) {
      for column in 0..<Int(window.kernelWidth) {
        let tap =
          (row * Int(window.dilationHeight) * columns + column * Int(window.dilationWidth)) * unit
        taps += (0..<stepCount).map { UInt32(tap + $0 * step) }
      }
    }
    return taps
  }
}
