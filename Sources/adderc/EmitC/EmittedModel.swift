import ADBFormat
import AdderHost
import AdderModel
import CommandLineSupport

/// A verified model as C: the file as an array, and what a program has to know of it.
struct EmittedModel {
  let model: Model
  /// What comments call the model file.
  let fileName: String
  let prefix: CPrefix
  private let opcodes: [Opcode]

  init(_ model: Model, path: String, prefix: CPrefix) {
    self.model = model
    fileName = path.split(separator: "/").last.map(String.init) ?? path
    self.prefix = prefix
    let kinds = Set(model.layers.map(\.opcode.rawValue))
    opcodes = kinds.sorted().compactMap(Opcode.init(rawValue:))
  }

  /// Bit n is set if the model has operations of opcode n.
  var operationMask: UInt32 { opcodes.reduce(0) { $0 | 1 << UInt32($1.rawValue) } }

  /// The first line of a file's comment.
  var signature: String {
    "\(CFile.signature) (version \(adderVersion)) from \(CText.comment(fileName)); edits are lost."
  }

  func files() -> [CFile] { [header(), source()] }

  private func header() -> CFile {
    let name = prefix.name
    let macro = prefix.macro
    let title = model.name.isEmpty ? "" : "\n * name      \(CText.comment(model.name))"
    let comment = """
      \(signature)
       *\(title)
       * checksum  \(model.checksumText)
       * flash     \(model.byteCount) bytes
       * arena     \(model.arenaByteCount) bytes, beside ADDER_STATE_BYTES
       */
      """
    var blocks = [
      """
      /* The model file, at an address that is a multiple of 16. */
      #define \(macro)_BYTE_COUNT \(model.byteCount)
      extern const uint8_t \(name)_data[\(macro)_BYTE_COUNT];
      """,
      """
      /* The bytes of arena for the model's tensors;
       * ADDER_ARENA_WORDS(\(macro)_ARENA_BYTES) adds the library's state. */
      #define \(macro)_ARENA_BYTES \(model.arenaByteCount)
      """,
      """
      /* The operations of the model, bit n for opcode n: \(opcodeNames).
       * A library built with -DADDER_OPERATIONS=\(operationMaskText) has only these. */
      #define \(macro)_OPERATIONS \(operationMaskText)
      """,
      """
      /* Inputs and outputs. Elements lie in the order rows, columns, channels; an element q
       * stands for the real number (q - ZERO_POINT) * SCALE. ELEMENT_TYPE is adder_tensor's. */
      #define \(macro)_INPUT_COUNT \(model.inputs.count)
      #define \(macro)_OUTPUT_COUNT \(model.outputs.count)
      """,
    ]
    for (index, input) in model.inputs.enumerated() {
      blocks.append(macros(of: input, "INPUT", index))
    }
    for (index, output) in model.outputs.enumerated() {
      blocks.append(macros(of: output, "OUTPUT", index))
    }
    if let detection = model.detection {
      blocks.append(
        """
        /* Boxes: adder_detect finds at most BOXES of an image, with all that it may want of memory
         * in an array of CANDIDATES; sides are in 1/\(1 << detection.fractionBits) pixels. */
        #define \(macro)_CANDIDATES \(detection.candidateLimit)
        #define \(macro)_BOXES \(detection.boxLimit)
        #define \(macro)_FRACTION_BITS \(detection.fractionBits)
        """)
    }
    if !model.classNames.isEmpty {
      blocks.append(
        """
        /* The names of output 0's channels, in UTF-8. */
        #define \(macro)_CLASS_COUNT \(model.classNames.count)
        extern const char *const \(name)_class_names[\(macro)_CLASS_COUNT];
        """)
    }
    return .header(
      "\(name).h", guard: "\(macro)_H", comment: comment,
      blocks.joined(separator: "\n\n") + "\n")
  }

  private func macros(of endpoint: Model.Endpoint, _ direction: String, _ index: Int) -> String {
    let tensor = endpoint.tensor
    let start = "#define \(prefix.macro)_\(direction)_\(index)"
    let type = cType(of: tensor.elementType)
    return """
      /* \(direction.lowercased().capitalized) \(index): \(CText.comment(endpoint.name)). */
      \(start)_HEIGHT \(tensor.shape.height)
      \(start)_WIDTH \(tensor.shape.width)
      \(start)_CHANNELS \(tensor.shape.channels)
      \(start)_ELEMENTS \(tensor.elementCount)
      \(start)_BYTES \(tensor.byteCount)
      \(start)_ELEMENT_TYPE \(type.number)
      \(start)_C_TYPE \(type.name)
      \(start)_SCALE \(CText.float(tensor.quantization.scale))
      \(start)_ZERO_POINT \(CText.integer(tensor.quantization.zeroPoint))
      """
  }

  private func source() -> CFile {
    let name = prefix.name
    let macro = prefix.macro
    var pieces: [CFile.Piece] = [.text("\(signature) */\n#include \"\(name).h\"\n\n")]
    pieces += CFile.definition(
      of: "\(name)_data", count: "\(macro)_BYTE_COUNT", alignment: 16, Array(model.view.image))
    if !model.classNames.isEmpty {
      let list = model.classNames.map { "  \(CText.literal($0)),\n" }.joined()
      pieces.append(
        .text("\nconst char *const \(name)_class_names[\(macro)_CLASS_COUNT] = {\n\(list)};\n"))
    }
    return CFile(name: "\(name).c", pieces: pieces)
  }

  private var opcodeNames: String { opcodes.map { "\($0)" }.joined(separator: ", ") }

  private var operationMaskText: String { "0x" + String(operationMask, radix: 16, uppercase: true) }

  private func cType(of type: ElementType) -> (number: String, name: String) {
    switch type {
    case .uint8: ("ADDER_UINT8", "uint8_t")
    case .int16: ("ADDER_INT16", "int16_t")
    case .int32: ("ADDER_INT32", "int32_t")
    }
  }
}
