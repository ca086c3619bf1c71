import AdderText

/// Reads one tensor's elements as `Float` and checks that its weights are finite.
///
/// `range` holds the bytes of the whole storage, inside which the layout lies.
func convertTensor(
  _ file: CheckpointFile, name: String, type: Checkpoint.ElementType, layout: StridedLayout,
  range: Range<Int>
) throws(CompileError) -> Checkpoint.Tensor {
  let values = convertElements(file.bytes[range], type: type, layout: layout)
  if type.isFloatingPoint, let index = values.firstIndex(where: { !$0.isFinite }) {
    let found = values[index].isNaN ? "NaN" : "infinite"
    let reason =
      type == .float64 && !values[index].isNaN ? " or beyond the range of a 32-bit float" : ""
    throw file.malformed(
      "tensor \(quoted(name)): element \(index) is \(found)\(reason), expected finite weights: the "
        + "training diverged or the file is damaged")
  }
  return Checkpoint.Tensor(name: name, shape: layout.shape, storedType: type, values: values)
}

/// Checks the names of a file's tensors: not empty, printable, each once.
func checkNames(_ names: [String], of file: CheckpointFile) throws(CompileError) {
  var seen: Set<[UInt8]> = []
  for name in names {
    guard !name.isEmpty else { throw file.malformed("a tensor has an empty name") }
    guard name.isPrintable else {
      throw file.malformed("tensor \(quoted(name)): its name holds control characters")
    }
    // Bytes, not characters: two spellings of one accented letter are different keys.
    guard seen.insert(Array(name.utf8)).inserted else {
      throw file.malformed("tensor \(quoted(name)) appears twice")
    }
  }
}
