import ADBFormat

extension ModelError.Reason {
  /// The reason as the end of a message, with a remedy where one is known.
  package var text: String {
    switch self {
    case .wrongMagic: "not an .adb model; compile the checkpoint with 'adderc compile'"
    case .unsupportedVersion:
      "another version of the format than \(Header.version); compile the checkpoint again with "
        + "this adderc"
    case .truncated: "the file ends early; copy it again"
    case .wrongFileByteCount: "the file's size is not the one its header states; copy it again"
    case .wrongChecksum: "the checksum does not match; the file is damaged, copy it again"
    case .arenaTooShort: "the arena is shorter than the model states"
    default: "not a valid model: \(self)"
    }
  }
}
