import ADBFormat
import AdderModel

/// The elements of all outputs of a model for one image.
package struct OutputValues<Element: Sendable>: Sendable {
  package let model: Model
  /// All outputs in order, each in the order of the arena: rows, columns, channels.
  package let elements: [Element]

  /// - Precondition: `elements` are those of all outputs.
  package init(of model: Model, _ elements: [Element]) {
    self.model = model
    self.elements = elements
  }

  /// Takes elements whose outputs are each in the order channels, rows, columns.
  package init(of model: Model, channelsFirst elements: [Element]) {
    self.init(of: model, elements)
    self = Self(of: model, reordered(ImageLayout.channelsLast))
  }

  /// The elements of one output in the order of the arena.
  package subscript(output: Int) -> ArraySlice<Element> {
    let start = model.outputs[..<output].reduce(0) { $0 + $1.tensor.elementCount }
    return elements[start..<start + model.outputs[output].tensor.elementCount]
  }

  /// The elements of one output in the order channels, rows, columns.
  package func channelsFirst(_ output: Int) -> [Element] {
    ImageLayout.channelsFirst(self[output], model.outputs[output].tensor.shape)
  }

  /// All outputs in order, each in the order channels, rows, columns.
  package var channelsFirst: [Element] { reordered(ImageLayout.channelsFirst) }

  private func reordered(
    _ reorder: (ArraySlice<Element>, TensorShape) -> [Element]
  ) -> [Element] {
    model.outputs.indices.flatMap { reorder(self[$0], model.outputs[$0].tensor.shape) }
  }
}

extension OutputValues<Int32> {
  /// The real numbers that the elements stand for.
  package var reals: OutputValues<Float> {
    let reals = model.outputs.indices.flatMap { output in
      let quantization = model.outputs[output].tensor.quantization
      return self[output].map { Float(quantization.real($0)) }
    }
    return OutputValues<Float>(of: model, reals)
  }
}

extension ArraySlice where Element: Comparable {
  /// How far into the slice the largest element is, the first of equal ones.
  package var offsetOfLargest: Int {
    var best = startIndex
    for index in indices where self[index] > self[best] { best = index }
    return best - startIndex
  }
}
