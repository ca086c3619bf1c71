import ADBFormat
import AdderModel
import AdderText
import CommandLineSupport

extension ModelError {
  /// The end of a message about a file of these bytes: the place, what rule does not hold, what was
  /// found where that helps, and what to do where that is known.
  func text(in bytes: [UInt8]) -> String {
    let found = Model.Place(of: self, in: bytes)
    var place = found.map(\.words) ?? []
    switch reason {
    // Of the header; what these say of it is enough.
    case .wrongMagic, .unsupportedVersion, .wrongFileByteCount, .wrongChecksum: place = []
    default: break
    }
    let range =
      found.flatMap { place in
        place.field.flatMap { allowed(in: $0, tensorCount: place.tensorCount) }
      }.map { ", expected \($0)" } ?? ""
    let rule = found.flatMap { detectionRule(for: $0.part) } ?? rule(in: bytes)
    return (["byte \(byteOffset)"] + place).joined(separator: ", ") + ": " + rule + range
  }

  /// The broken rule of a detection, where its reason says something else of operations and bindings.
  private func detectionRule(for part: Model.Place.Part) -> String? {
    switch (part, reason) {
    case (.detection, .wrongScale): "a score that is not above 0 and below 1"
    case (.detection, .wrongEntryCount): "a limit outside its range"
    case (.detectionLevel, .wrongDirection): "a tensor that is no output"
    case (.detectionLevel, .elementTypeMismatch): "a tensor whose elements are not i32"
    case (.detectionLevel, .notAllowed): "a tensor whose zero point is not 0"
    case (.detectionLevel, .shapeMismatch):
      "a tensor of another shape than height and width of the image divided by the stride, and as "
        + "many channels as the first level has classes, 4 distances or 1 centerness"
    default: nil
    }
  }

  /// The values that a field may have, for the reasons that are about its value alone.
  private func allowed(in field: Model.Place.Field, tensorCount: Int) -> String? {
    func text(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound)...\(range.upperBound)" }
    let name = field.name.split(separator: ".").last.map(String.init) ?? ""
    switch (reason, name) {
    case (.wrongShift, "inputShift"): return text(0...Int(Limits.inputShift))
    case (.wrongShift, "fractionBits"):
      return text(1...8) + " with which the image has at most 65535 units"
    case (.wrongShift, "strideShift"): return text(0...Int(Limits.strideShift))
    case (.wrongShift, "classShift"), (.wrongShift, "distanceShift"),
      (.wrongShift, "centernessShift"):
      return text(Int(Limits.leastRescaleShift)...Int(Limits.largestRescaleShift))
    case (.wrongEntryCount, "candidateLimit"): return text(1...Int(Limits.candidateCount))
    case (.wrongEntryCount, "boxLimit"): return "1 to candidateLimit"
    case (.wrongShift, _):
      return text(0...Int(Limits.narrowShift)) + ", or " + text(0...Int(Limits.wideShift))
        + " in a wide requantizer"
    case (.unknownTensor, _) where tensorCount > 0: return text(0...tensorCount - 1)
    case (.wrongEntryCount, "inputCount"): return text(Limits.concatInputCounts)
    case (.wrongWindow, _) where name.hasPrefix("pad"):
      return text(Limits.paddings)
        + (Limits.paddings.contains(field.value) ? " and less than the window" : "")
    case (.wrongWindow, "factorHeight"), (.wrongWindow, "factorWidth"), (.wrongWindow, "blockSize"):
      return text(Limits.factors)
    case (.wrongWindow, _): return text(Limits.windowExtents)
    default: return nil
    }
  }

  /// The broken rule as the end of a message, with a remedy where one is known.
  private func rule(in bytes: [UInt8]) -> String {
    let offset = Int(byteOffset)
    let word = offset + 1 < bytes.count ? Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 : nil
    return switch reason {
    case .truncated: "the file ends early; copy it again"
    case .misalignedImage: "the image is not at an address that is a multiple of 16"
    case .wrongMagic: "not an .adb model; compile the checkpoint with 'adderc compile'"
    case .unsupportedVersion:
      "format version \(word ?? 0), expected \(Header.version); compile the checkpoint again with "
        + "this adderc"
    case .wrongFileByteCount:
      "the file has \(bytes.count) bytes, which is not the size that its header states; copy it again"
    case .wrongChecksum: "the checksum does not match; the file is damaged, copy it again"
    case .nonzeroReserved: "a reserved byte is not zero"
    case .wrongSectionCount:
      "too few or too many sections, expected \(Limits.requiredSectionCount) to "
        + "\(Limits.sectionCount)"
    case .unknownSection: "a section of an unknown kind"
    case .sectionOrder: "the sections' kinds do not ascend"
    case .missingSection: "a section that every model has is missing"
    case .wrongSectionPlace: "a section does not follow its predecessor, or leaves the file"
    case .wrongSectionByteCount: "a section's size does not fit what it holds"
    case .wrongEntryCount: "a number of entries that is not allowed here"
    case .wrongElementType: "an element type that is unknown, or not allowed here"
    case .wrongExtent: "an extent of a shape outside 1...\(Limits.extent)"
    case .wrongTensorByteCount:
      "a tensor's size is not that of its shape, or above \(Limits.tensorByteCount >> 20) MiB"
    case .misaligned: "an offset that is no multiple of what it has to be aligned to"
    case .outsideArena: "a tensor or scratch area leaves the arena"
    case .wrongArenaByteCount: "the arena's size is not the end of its last tensor or scratch area"
    case .notRepresentable: "a number outside the range of its type"
    case .wrongScale: "a scale or deviation that is not positive and finite, or a mean not finite"
    case .unknownTensor: "the index of a tensor that does not exist"
    case .wrongDirection: "a binding is neither input nor output, out of order or missing"
    case .unknownOpcode: "opcode \(word ?? 0) is unknown to format version \(Header.version)"
    case .wrongRecordByteCount: "an operation's record has not the size of its opcode"
    case .wrongFlag: "a flag that is neither 0 nor 1"
    case .readBeforeWritten: "a tensor is read before any operation writes it"
    case .writtenTwice: "a tensor is written twice"
    case .neverWritten: "a tensor that nothing writes"
    case .wrongWindow: "a kernel, stride, padding, dilation or factor outside its range"
    case .wrongStep: "a step that is not that of the window over its input"
    case .shapeMismatch: "the shapes of an operation's tensors do not agree"
    case .elementTypeMismatch: "the element types of an operation do not agree"
    case .wrongShift: "a shift outside its range"
    case .wrongRange: "a minimum above its maximum"
    case .wrongTerm: "a malformed digit of a scale"
    case .notAllowed: "a field that this operation must not use"
    case .outsideConstants: "constants leave their section"
    case .wrongPatch:
      "a patch does not fit its window, or has more than \(Limits.patchElementCount) elements"
    case .wrongDigits: "malformed digits of a convolution"
    case .tooManyConstants:
      "operations share more than \(Limits.examinedByteCount) bytes of constants"
    case .overlap: "areas of the arena overlap that are in use at once"
    case .wrongString: "a name leaves its section or is not UTF-8"
    case .arenaTooShort: "the arena is shorter than the model states"
    case .misalignedArena: "the arena is not at an address that is a multiple of 4"
    case .wrongFilterSum: "the sum of a filter is not that of its elements"
    case .wrongFilterMaximum: "a filter maximum that is not the largest element of the filters"
    case .unavailableOperation: "an operation that this program was built without"
    }
  }
}

extension Model.Place {
  /// The part, which the byte alone tells for the header, and the field with what is in it.
  fileprivate var words: [String] {
    let part: String? =
      switch part {
      case .header: nil
      case .sectionRow(let index): "row \(index) of the section table"
      case .tensor(let index, let name): "tensor \(index)" + quoted(name)
      case .operation(let index, let name, let opcode):
        "operation \(index)" + quoted(name) + (opcode.map { " (\($0))" } ?? "")
      case .binding(let index): "binding \(index)"
      case .detection: "detection"
      case .detectionLevel(let index): "level \(index) of the detection"
      case .section(let kind): "section \(kind)"
      }
    return [part, field.map { "\($0.name) \($0.value)" }].compactMap(\.self)
  }
}

private func quoted(_ name: String?) -> String { name.map { " " + AdderText.quoted($0) } ?? "" }
