/// Makes a checkpoint of the object that `torch.save` wrote, whatever its container.
func readTorchCheckpoint(
  _ file: CheckpointFile, container: Checkpoint.Container, pickle: Pickle,
  storages: inout some TorchStorages
) throws(CompileError) -> Checkpoint {
  var stateDict = UnwrapStateDict(file: file, pickle: pickle)
  let described = try stateDict.tensors()
  let names = described.map(\.name)
  try checkNames(names, of: file)
  let stripped = stripCommonPrefixes(names)

  var budget = TensorBudget(fileByteCount: file.bytes.count)
  for (name, tensor) in described {
    try budget.take(tensor.layout.elementCount, tensor: name, file: file)
  }
  var tensors: [Checkpoint.Tensor] = []
  for ((storedName, tensor), name) in zip(described, stripped.names) {
    let range = try storages.bytes(of: tensor.storage, tensor: storedName)
    var converted = try convertTensor(
      file, name: storedName, type: tensor.elementType, layout: tensor.layout, range: range)
    converted.name = name
    tensors.append(converted)
  }
  return Checkpoint(
    container: container, tensors: tensors, notes: stateDict.notes + stripped.notes)
}
