extension NumPyArray {
  /// The longest header that is read: 65,535 bytes. NumPy needs 128 for an array of numbers.
  package static let maximumHeaderByteCount = 65_535
  /// The most dimensions that are read, NumPy's own limit.
  package static let maximumRank = 64

  /// Reads a `.npy` file, or standard input for `-`.
  ///
  /// - Throws: As `InputFile.read` and `init(npy:named:)`.
  package static func read(_ path: String) throws(CommandLineFailure) -> NumPyArray {
    try NumPyArray(npy: try InputFile.read(path), named: InputFile.name(of: path))
  }

  /// Whether bytes begin like a `.npy` file.
  package static func hasSignature(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: signature)
  }

  /// Decodes a `.npy` file of version 1.0 or 2.0 in C order (NumPy, NEP 1).
  ///
  /// Nothing in the file is evaluated, and no memory is taken beyond a copy of the elements. Byte
  /// order marks of single bytes are ignored, because some writers save `<u1`. `name` is what
  /// messages call the file.
  ///
  /// - Throws: `ExitCode.malformed`.
  package init(npy file: [UInt8], named name: String) throws(CommandLineFailure) {
    func failure(_ message: String) -> CommandLineFailure {
      CommandLineFailure(.malformed, "\(name): \(message)")
    }
    guard Self.hasSignature(file) else {
      throw failure(
        ForeignFile(file)?.text ?? "is no .npy file; save the array with numpy.save")
    }
    guard file.count >= 8 else { throw failure("ends at byte \(file.count), inside the version") }
    let lengthByteCount: Int
    switch (file[6], file[7]) {
    case (1, 0): lengthByteCount = 2
    case (2, 0): lengthByteCount = 4
    default:
      throw failure(
        "byte 6: format version \(file[6]).\(file[7]), expected 1.0 or 2.0; "
          + "save a plain array with numpy.save")
    }
    let headerStart = 8 + lengthByteCount
    guard file.count >= headerStart else {
      throw failure("ends at byte \(file.count), inside the length of the header")
    }
    let headerByteCount = file[8..<headerStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard headerByteCount <= Self.maximumHeaderByteCount else {
      throw failure(
        "byte 8: a header of \(headerByteCount) bytes, expected at most "
          + "\(Self.maximumHeaderByteCount)")
    }
    let elementStart = headerStart + headerByteCount
    guard file.count >= elementStart else {
      throw failure("ends at byte \(file.count), the header at byte \(elementStart)")
    }
    let header: NumPyHeader
    do {
      header = try NumPyHeader(parsing: file[headerStart..<elementStart])
    } catch {
      throw failure("header, byte \(headerStart + error.byteOffset): expected \(error.expected)")
    }
    let elementType = try Self.elementType(of: header, failure)
    guard !header.isFortranOrder else {
      throw failure("is in Fortran order, expected C order; save numpy.ascontiguousarray(array)")
    }
    guard header.shape.count <= Self.maximumRank else {
      throw failure("has \(header.shape.count) dimensions, expected at most \(Self.maximumRank)")
    }
    guard let byteCount = Self.byteCount(of: elementType, shape: header.shape) else {
      throw failure("shape \(header.shape) has more elements than memory")
    }
    guard file.count - elementStart == byteCount else {
      throw failure(
        "holds \(file.count - elementStart) bytes of elements, expected \(byteCount) for shape "
          + "\(header.shape) of \(elementType.name); the file is damaged, save it again")
    }
    self.init(elementType, shape: header.shape, bytes: Array(file[elementStart...]))
  }

  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static func elementType(
    of header: NumPyHeader, _ failure: (String) -> CommandLineFailure
  ) throws(CommandLineFailure) -> ElementType {
    let names = ElementType.allCases.map(\.name).inWords
    guard let descriptor = header.descriptor else {
      throw failure("has records of several fields, expected elements of \(names)")
    }
    let (byteOrder, kind) = (descriptor.prefix(1), descriptor.dropFirst())
    if ["u1", "i1"].contains(kind), ["<", ">", "=", "|"].contains(byteOrder) {
      return kind == "u1" ? .uint8 : .int8
    }
    if let elementType = ElementType(rawValue: descriptor) { return elementType }
    if byteOrder == ">", let elementType = ElementType(rawValue: "<" + kind) {
      throw failure(
        "elements '\(descriptor)' are big-endian, expected little-endian; "
          + "save array.astype('\(elementType.rawValue)')")
    }
    let remedy =
      switch kind.first {
      case "f": "save array.astype('float32')"
      case "u", "i": "save array.astype('int64')"
      case "b": "save array.astype('uint8')"
      case "O": "pickled objects are never loaded"
      default: "save an array of numbers"
      }
    throw failure("elements '\(descriptor)' are not supported, expected \(names); \(remedy)")
  }
}
