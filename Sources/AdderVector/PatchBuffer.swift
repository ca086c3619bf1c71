import ADBFormat
import CAdderSIMD

/// Where the elements of a layer's input lie for its windows: padded, converted to the elements of
/// patches, the channels of each group filled up with zeros to whole steps of the kernels.
///
/// Elements are [rows, columns, groups, channels of a group]. What is not an element of the input is
/// written once, when a session begins.
struct PatchBuffer: Sendable {
  /// Elements of the buffer for one channel group of one position.
  let groupStep: Int
  let groups: Int
  let rows: Int
  let columns: Int
  let type: adder_element_type
  /// The element of the buffer at which each position of the input begins.
  let offsets: Table<UInt32>
  /// The bytes of one position outside the input.
  let padding: [UInt8]
  /// Whether elements of the input and of the buffer follow each other in the same order.
  let isContiguous: Bool
  /// The position at which the first window stands.
  private(set) var origin = 0
  private let top: Int
  private let left: Int
  private let conversion: Conversion?
  private let groupChannels: Int

  struct Conversion: Sendable, Equatable {
    let bias: Int32
    let shift: Int32
    let lowest: Int32
    let highest: Int32

    init(_ patch: Stored<PatchLayout>) {
      shift = Int32(patch.inputShift)
      bias = (shift == 0 ? 0 : 1 &<< (shift - 1)) &+ (patch.inputOffset &<< shift)
      lowest = patch.patchMin
      highest = patch.patchMax
    }
  }

  /// The bytes that a buffer would have; nil if they are no number of 32 bits.
  static func byteCount(
    of window: Stored<WindowGeometry>, input: TensorRecord, positionByteCount: Int
  ) -> Int? {
    let rows = Int(input.height) + Int(window.padTop) + Int(window.padBottom)
    let columns = Int(input.width) + Int(window.padLeft) + Int(window.padRight)
    // Below 2²¹ · 2²¹.
    let (count, overflow) = (rows * columns).multipliedReportingOverflow(by: positionByteCount)
    return overflow || count > Int(UInt32.max) ? nil : count
  }

  /// - Parameter groupStep: At least the channels of a group.
  init(
    _ layer: Stored<FilterLayer>, of program: ProgramView, groupStep: Int,
    type: adder_element_type
  ) {
    let patch = layer.patch
    self.init(
      layer.window, input: program.tensor(layer.input), groups: Int(patch.groups),
      groupChannels: Int(patch.inputChannels), groupStep: groupStep, type: type,
      padding: Self.padding(patch, of: program, type: type, groupStep: groupStep),
      conversion: patch.converts ? Conversion(patch) : nil)
  }

  /// A buffer for the windows of a pool, with so many bytes for each position outside the input.
  init(
    _ window: Stored<WindowGeometry>, input: TensorRecord, type: adder_element_type,
    padding: [UInt8]
  ) {
    self.init(
      window, input: input, groups: 1, groupChannels: Int(input.channels),
      groupStep: Int(input.channels), type: type, padding: padding, conversion: nil)
  }

  private init(
    _ window: Stored<WindowGeometry>, input: TensorRecord, groups: Int, groupChannels: Int,
    groupStep: Int, type: adder_element_type, padding: [UInt8], conversion: Conversion?
  ) {
    self.groups = groups
    self.groupChannels = groupChannels
    self.groupStep = groupStep
    self.type = type
    self.padding = padding
    self.conversion = conversion
    rows = Int(input.height) + Int(window.padTop) + Int(window.padBottom)
    columns = Int(input.width) + Int(window.padLeft) + Int(window.padRight)
    top = Int(window.padTop)
    left = Int(window.padLeft)
    isContiguous = groups == 1 || groupStep == groupChannels
    let positionStep = groups * groupStep
    let offsets = Table<UInt32>(count: Int(input.height) * Int(input.width), repeating: 0)
    var index = 0
    for row in 0..<Int(input.height) {
      let start = (row + Int(window.padTop)) * columns + Int(window.padLeft)
      for column in 0..<Int(input.width) {
        offsets.start[index] = UInt32((start + column) * positionStep)
        index += 1
      }
    }
    self.offsets = offsets
  }

  /// The bytes of one position that is all pad values, with zeros between groups.
  private static func padding(
    _ patch: Stored<PatchLayout>, of program: ProgramView, type: adder_element_type,
    groupStep: Int
  ) -> [UInt8] {
    let start = Int(patch.padValuesOffset)
    let channels = Int(patch.inputChannels)
    var bytes: [UInt8] = []
    for group in 0..<Int(patch.groups) {
      for channel in 0..<groupStep {
        let isElement = channel < channels
        let index = group * channels + channel
        switch type {
        case ADDER_UINT8: bytes.append(isElement ? program.constants[start + index] : 0)
        case ADDER_NIBBLES:
          let value = isElement ? UInt32(program.constants[start + index]) : 0
          append((value & 15) << 5 | (value >> 4) << 21, to: &bytes)
        default:
          let flip: UInt16 = type == ADDER_BIASED ? 0x8000 : 0
          let value =
            isElement
            ? program.constants.loadUnaligned(fromByteOffset: start + 2 * index, as: UInt16.self)
              ^ flip : 0
          append(value, to: &bytes)
        }
      }
    }
    return bytes
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  /// This buffer for the windows of another one of the same tensor; nil if they would find other bytes.
  func view(for other: PatchBuffer) -> PatchBuffer? {
    guard
      type == other.type, groups == other.groups, groupStep == other.groupStep,
      groupChannels == other.groupChannels, conversion == other.conversion,
      padding == other.padding || other.positionCount == other.offsets.count,
      top >= other.top, left >= other.left, rows - top >= other.rows - other.top,
      columns - left >= other.columns - other.left
    else { return nil }
    var view = self
    view.origin = (top - other.top) * columns + left - other.left
    return view
  }

  private var positionCount: Int { rows * columns }

  var byteCount: Int { positionCount * padding.count }

  /// The elements of one position.
  var positionStep: Int { groups * groupStep }

  /// Makes every position one outside the input.
  func fill(_ memory: UnsafeMutableRawPointer) {
    var position = memory
    for _ in 0..<positionCount {
      UnsafeMutableRawBufferPointer(start: position, count: padding.count)
        .copyBytes(from: padding)
      position += padding.count
    }
  }

  /// The buffer in memory, as a place for elements of the input.
  func place(in memory: UnsafeMutableRawPointer) -> adder_place {
    var place = adder_place()
    place.base = memory
    place.offsets = UnsafePointer(offsets.start)
    place.type = type
    if let conversion {
      place.converts = 1
      place.conversion_bias = conversion.bias
      place.conversion_shift = conversion.shift
      place.lowest = conversion.lowest
      place.highest = conversion.highest
    }
    place.group_channels = UInt32(groupChannels)
    place.group_step = UInt32(groupStep)
    return place
  }
}
