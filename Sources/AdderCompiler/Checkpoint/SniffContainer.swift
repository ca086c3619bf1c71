import Foundation

/// Tells the container of a file by its first bytes, or `nil` if it is none that Adder reads.
func sniffContainer(_ file: CheckpointFile) -> Checkpoint.Container? {
  if file.bytes.starts(with: TorchLegacyReader.signature) { return .torchLegacy }
  if file.bytes.starts(with: TorchZipReader.signature) { return .torchZip }
  // A safetensors header is a JSON object that follows its own length.
  let lengthByteCount = 8
  if file.bytes.count > lengthByteCount, file.bytes[lengthByteCount] == UInt8(ascii: "{") {
    return .safetensors
  }
  return nil
}

/// The error for a file that is not a checkpoint, with advice where its format is known.
func foreignFormat(of file: CheckpointFile) -> CompileError {
  let bytes = file.bytes
  if bytes.isEmpty { return file.malformed("the file is empty, expected a checkpoint") }
  if isTar(bytes) {
    return file.unsupported(
      "a tar archive, as PyTorch before 0.1.10 wrote: load it with PyTorch and save its "
        + "state_dict() again")
  }
  for format in foreignFormats where bytes.starts(with: format.signature) {
    return format.isWellFormed ? file.unsupported(format.message) : file.malformed(format.message)
  }
  if bytes.starts(with: [0x80]), bytes.count > 1, (2...5).contains(bytes[1]) {
    return file.unsupported(
      "a plain pickle, expected a PyTorch checkpoint or safetensors: save model.state_dict() with "
        + "torch.save()")
  }
  let head = bytes.prefix(256).drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
  if head.first == UInt8(ascii: "<") {
    return file.malformed(
      "a web page or XML, expected a checkpoint: the download failed, get the file itself")
  }
  if file.name.lowercased().hasSuffix(".onnx") {
    return file.unsupported(
      "an ONNX model, expected a PyTorch checkpoint or safetensors: make one of it, python -m "
        + "adder_tools.onnx MODEL.onnx -o MODEL.safetensors (docs/onnx.md)")
  }
  return file.malformed(
    "not a checkpoint: expected a file written by torch.save() or safetensors; it may be truncated "
      + "or damaged")
}

/// Formats told by their first bytes.
private let foreignFormats: [(signature: [UInt8], isWellFormed: Bool, message: String)] = [
  (
    [0x93] + Array("NUMPY".utf8), true,
    "a NumPy array, expected a checkpoint of named tensors: save model.state_dict()"
  ),
  (
    [0x89] + Array("HDF".utf8), true,
    "an HDF5 file, expected a PyTorch checkpoint or safetensors: convert it to safetensors"
  ),
  (
    Array("GGUF".utf8), true,
    "a GGUF file, expected a PyTorch checkpoint or safetensors: use the float checkpoint it was "
      + "made from"
  ),
  ([0x1f, 0x8b], true, "compressed with gzip: decompress it with gunzip"),
  (
    Array("ADB\u{1a}".utf8), true,
    "a compiled model, expected the checkpoint it was compiled from"
  ),
  (
    Array("version https://git-lfs".utf8), false,
    "a Git LFS pointer, not the checkpoint itself: fetch it with git lfs pull"
  ),
]

/// Whether the header of a tar archive, POSIX or GNU, stands at the start.
private func isTar(_ bytes: Data) -> Bool {
  bytes.count >= 512 && bytes[257..<262].elementsEqual("ustar".utf8)
}
