/// One operation of the graph vocabulary, as the graph file reader and `supported-ops` know it.
public struct OperationDescription: Sendable {
  public struct Attribute: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
      /// One integer for both directions, or [height, width].
      case extents(ClosedRange<Int>)
      /// One integer, [height, width] or [top, left, bottom, right].
      case padding(ClosedRange<Int>)
      case integer(ClosedRange<Int>)
      case real(ClosedRange<Float>)
      case flag
      /// One of some words.
      case choice([String])
    }

    public let name: String
    public let summary: String
    package let kind: Kind
    package let defaultValue: AttributeValue?
    /// The default in words where it depends on another attribute.
    private let defaultRule: String?

    init(
      _ name: String, _ kind: Kind, default defaultValue: AttributeValue? = nil,
      rule: String? = nil, _ summary: String
    ) {
      self.name = name
      self.kind = kind
      self.defaultValue = defaultValue
      self.defaultRule = rule
      self.summary = summary
    }

    public var isRequired: Bool { defaultValue == nil && defaultRule == nil }
    /// The default as a graph file would write it; nil for a required attribute.
    public var defaultText: String? { defaultValue?.text ?? defaultRule }
    /// The values it takes, in words.
    public var valueText: String {
      switch kind {
      case .extents(let range): "\(range.boundsText) or [height, width]"
      case .padding(let range): "\(range.boundsText), [height, width] or [top, left, bottom, right]"
      case .integer(let range): range.boundsText
      case .real(let range): "a number of \(range.lowerBound)...\(range.upperBound)"
      case .flag: "true or false"
      case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: " or ")
      }
    }
  }

  public struct Parameter: Equatable, Sendable {
    public let name: String
    /// The shapes it may have, in words.
    public let shape: String
    public let isRequired: Bool
  }

  public var name: String { operation.rawValue }
  public let summary: String
  public let inputCount: ClosedRange<Int>
  public let attributes: [Attribute]
  public let parameters: [Parameter]
  package let operation: OperationName
  /// Makes the operation of a node; nil after a finding.
  let bind: @Sendable (_ node: Topology.Node, _ binder: inout ParameterBinder) -> GraphOperation?

  init(
    _ operation: OperationName, _ summary: String, inputs: ClosedRange<Int> = 1...1,
    attributes: [Attribute] = [], parameters: [Parameter] = [],
    bind: @escaping @Sendable (Topology.Node, inout ParameterBinder) -> GraphOperation?
  ) {
    self.operation = operation
    self.summary = summary
    self.inputCount = inputs
    self.attributes = attributes
    self.parameters = parameters
    self.bind = bind
  }
}

extension AttributeValue {
  /// The value as a graph file writes it, in its shortest form.
  var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .extents(let height, let width): height == width ? "\(height)" : "[\(height), \(width)]"
    case .padding(let padding): padding.text
    case .real(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .word(let word): "\"\(word)\""
    }
  }
}

extension Padding {
  /// The padding as a graph file writes it, in its shortest form.
  var text: String {
    if top != bottom || left != right { return "[\(top), \(left), \(bottom), \(right)]" }
    return top == left ? "\(top)" : "[\(top), \(left)]"
  }
}

extension ClosedRange<Int> {
  /// `a...b`, or `a` where that is all.
  var boundsText: String {
    lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)...\(upperBound)"
  }
}
