import ADBFormat
import AdderDetection
import AdderRuntime
import CAdder

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_get_detection(
  _ model: OpaquePointer?, _ detection: UnsafeMutablePointer<adder_detection>?
) -> adder_status {
  guard let model, let detection else { return ADDER_NULL_POINTER }
  do throws(ModelError) {
    guard let detector = try Detector(Model.interpreter(model).pointee.program) else {
      return ADDER_NO_DETECTION
    }
    let view = detector.view
    detection.pointee = adder_detection(
      fraction_bits: view.fractionBits, candidate_limit: view.candidateLimit,
      box_limit: view.boxLimit, class_count: view.classCount, level_count: view.levelCount)
    return ADDER_OK
  } catch {
    return error.status
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_detect(
  _ model: OpaquePointer?, _ boxes: UnsafeMutablePointer<adder_box>?, _ capacity: UInt32,
  _ result: UnsafeMutablePointer<adder_detections>?
) -> adder_status {
  guard let model, let boxes, let result else { return ADDER_NULL_POINTER }
  guard capacity > 0 else { return ADDER_NO_CAPACITY }
  do throws(ModelError) {
    guard let detector = try Detector(Model.interpreter(model).pointee.program) else {
      return ADDER_NO_DETECTION
    }
    // More is not used; a count of 32 bits would not fit Int on a microcontroller.
    let count = Int(truncatingIfNeeded: min(capacity, detector.view.candidateLimit))
    let found = detector.detect(
      tensors: UnsafeRawPointer(model) + Model.stateByteCount,
      into: UnsafeMutableBufferPointer(
        start: UnsafeMutableRawPointer(boxes).assumingMemoryBound(to: Box.self), count: count))
    result.pointee = adder_detections(
      box_count: found.boxCount, candidate_count: found.candidateCount,
      dropped_count: found.droppedCount)
    return ADDER_OK
  } catch {
    return error.status
  }
}
