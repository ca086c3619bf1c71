import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

/// The file of each input of a model, in order.
///
/// - Throws: `usage` where the inputs named are not the model's.
func inputPaths(
  _ options: RunOptions, for model: Model
) throws(CommandLineFailure) -> [String] {
  let names = model.inputs.map(\.name)
  let list = names.map { "'\($0.printableName)'" }.joined(separator: ", ")
  if let path = options.inputPath {
    guard names.count == 1 else {
      throw CommandLineFailure(
        .usage,
        "the model has \(names.count) inputs (\(list)); give --input NAME=FILE for each in place "
          + "of INPUT")
    }
    return [path]
  }
  for input in options.namedInputs where !names.contains(input.name) {
    throw .unknown("input", input.name, among: names, listing: true)
  }
  return try names.map { (name) throws(CommandLineFailure) in
    guard let input = options.namedInputs.first(where: { $0.name == name }) else {
      throw CommandLineFailure(
        .usage, "missing --input '\(name.printableName)=FILE'; the model's inputs are \(list)")
    }
    return input.value
  }
}
