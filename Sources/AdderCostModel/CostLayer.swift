import ADBFormat
import AdderModel
import AdderRuntime

/// One operation of a network, as what it costs depends on it.
package struct CostLayer: Sendable {
  /// What its filters do, if it has any.
  package enum Kind: String, Sendable {
    case adder
    case convolution
    case other
  }

  package let name: String
  package let operation: String
  package let kind: Kind
  package let outputShape: TensorShape
  package let groups: Int
  /// How often the parts of the operation's code run, by the names that files of kernel costs use;
  /// empty in a network that was described for no kernels.
  package let features: [String: Int]
  /// Whose residuals are its own: ``FeatureCounter/variant``, else the operation.
  package let variant: String
  package let work: Work
  package let traffic: Traffic

  package var positionCount: Int { outputShape.height * outputShape.width }

  /// What is to be done for one image.
  package struct Work: Equatable, Sendable {
    /// P·Co·K, padded taps included: what a layer with filters multiplies or takes differences of.
    package var taps = 0
    /// The taps that read the input.
    package var tapsInside = 0
    /// `|x − w|`: the taps of an adder layer.
    package var absoluteDifferences = 0
    /// Products of a convolution whose weights are unknown; a compiled one has digits.
    package var multiplyAccumulates = 0
    /// Signed digits added or subtracted.
    package var digits = 0
    /// Shifts of a filter's sum between digits.
    package var planes = 0
    /// Terms of requantizers.
    package var terms = 0
    package var residualElements = 0
    package var pooledElements = 0
    package var normalizedElements = 0
    /// Bytes moved without arithmetic.
    package var copiedBytes = 0
    package var convertedElements = 0

    package static func + (first: Work, second: Work) -> Work {
      var sum = first
      for path in Self.kinds.map(\.path) { sum[keyPath: path] += second[keyPath: path] }
      return sum
    }

    /// Each kind of work with its name in reports.
    package static var kinds: [(name: String, path: WritableKeyPath<Work, Int>)] {
      [
        ("taps", \.taps), ("taps_inside", \.tapsInside),
        ("absolute_differences", \.absoluteDifferences),
        ("multiply_accumulates", \.multiplyAccumulates), ("signed_digits", \.digits),
        ("digit_planes", \.planes), ("requantizer_terms", \.terms),
        ("residual_elements", \.residualElements), ("pooled_elements", \.pooledElements),
        ("normalized_elements", \.normalizedElements), ("copied_bytes", \.copiedBytes),
        ("converted_elements", \.convertedElements),
      ]
    }
  }

  /// Bytes that are moved for one image.
  package struct Traffic: Equatable, Sendable {
    /// Filters, digits and tables, once.
    package var weights = 0
    /// Input tensors, each once.
    package var inputs = 0
    package var outputs = 0
    /// Patches written and read.
    package var patches = 0

    package static func + (first: Traffic, second: Traffic) -> Traffic {
      Traffic(
        weights: first.weights + second.weights, inputs: first.inputs + second.inputs,
        outputs: first.outputs + second.outputs, patches: first.patches + second.patches)
    }
  }

  /// How a window slides in rows and columns.
  package struct Sliding: Equatable, Sendable {
    package let rows: Axis
    package let columns: Axis

    /// Taps of all positions that read the input.
    package var insideCount: Int { rows.insideCount * columns.insideCount }
  }

  /// How a window slides in one direction.
  package struct Axis: Equatable, Sendable {
    package let kernel: Int
    package let stride: Int
    package let dilation: Int
    package let paddingBefore: Int
    package let input: Int
    package let output: Int

    package init(
      kernel: Int, stride: Int, dilation: Int, paddingBefore: Int, input: Int, output: Int
    ) {
      (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
      (self.paddingBefore, self.input, self.output) = (paddingBefore, input, output)
    }

    /// Taps of all positions that read the input.
    ///
    /// - Complexity: O(kernel)
    package var insideCount: Int {
      (0..<kernel).reduce(0) { count, tap in
        // The positions p with 0 ≤ p·stride + offset < input.
        let offset = tap * dilation - paddingBefore
        let first = offset >= 0 ? 0 : (stride - 1 - offset) / stride
        let last = offset >= input ? -1 : (input - 1 - offset) / stride
        return count + max(0, min(last, output - 1) - first + 1)
      }
    }
  }
}
