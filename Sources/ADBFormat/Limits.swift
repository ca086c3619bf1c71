/// The bounds of docs/adb-format.md: what the verifier allows and the compiler may write.
package enum Limits {
  /// The most tensors of a model.
  package static var tensorCount: UInt32 { 4096 }
  /// The most operations of a model.
  package static var operationCount: UInt32 { 4096 }
  /// The most inputs and outputs together.
  package static var bindingCount: UInt32 { 64 }
  /// The sections that every file has.
  package static var requiredSectionCount: UInt32 { 4 }
  /// The most sections.
  package static var sectionCount: UInt32 { 8 }
  /// The largest height, width or number of channels.
  package static var extent: UInt32 { 1 &<< 20 }
  /// The most bytes of a tensor.
  package static var tensorByteCount: UInt32 { 1 &<< 28 }
  /// The largest kernel, stride and dilation.
  package static var windowExtent: UInt32 { 4096 }
  /// The most rows or columns of padding on a side.
  package static var padding: UInt32 { 255 }
  /// The most elements of a patch.
  package static var patchElementCount: UInt32 { 65_535 }
  /// The largest right shift of a patch's conversion.
  package static var inputShift: UInt32 { 15 }
  /// The largest binary logarithm of a table's segment.
  package static var segmentShift: UInt32 { 15 }
  /// The largest shift of a requantizer and of its terms in 32-bit arithmetic.
  package static var narrowShift: UInt32 { 31 }
  /// The largest shift of a requantizer and of its terms in 64-bit arithmetic.
  package static var wideShift: UInt32 { 62 }
  /// The terms of a channel entry.
  package static var termCount: UInt32 { 8 }
  /// The most planes of digits of an output channel.
  package static var planeCount: UInt32 { 31 }
  /// The fewest inputs of a concat.
  package static var minimumConcatInputCount: UInt32 { 2 }
  /// The most inputs of a concat.
  package static var concatInputCount: UInt32 { 64 }
  /// The largest factor by which rows or columns become more.
  package static var factor: UInt32 { 64 }
  /// The most levels of a detector.
  package static var detectionLevelCount: UInt32 { 16 }
  /// The most candidates that may become boxes.
  package static var candidateCount: UInt32 { 4096 }
  /// The largest binary logarithm of the pixels between a detector's locations.
  package static var strideShift: UInt32 { 10 }
  /// The least shift of a detector's outputs, to the left.
  package static var leastRescaleShift: Int8 { -23 }
  /// The largest shift of a detector's outputs, to the right.
  package static var largestRescaleShift: Int8 { 30 }
  /// The most bytes of channel tables, filters and digits, counted once an operation.
  package static var examinedByteCount: UInt32 { 1 &<< 28 }
}

#if !hasFeature(Embedded)
  extension Limits {
    package static var extents: ClosedRange<Int> { 1...Int(extent) }
    package static var windowExtents: ClosedRange<Int> { 1...Int(windowExtent) }
    package static var paddings: ClosedRange<Int> { 0...Int(padding) }
    package static var concatInputCounts: ClosedRange<Int> {
      Int(minimumConcatInputCount)...Int(concatInputCount)
    }
    package static var factors: ClosedRange<Int> { 1...Int(factor) }
  }
#endif
