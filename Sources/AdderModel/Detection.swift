import ADBFormat

extension Model {
  /// How outputs become boxes.
  package struct Detection: Equatable, Sendable {
    /// The outputs of one level, numbers of tensors.
    package struct Level: Equatable, Sendable {
      /// Pixels of the first input from one location to the next.
      package let stride: Int
      package let classes: Int
      package let distances: Int
      package let centerness: Int
      /// The least element of `classes` that makes a candidate.
      package let threshold: Int32

      init(_ record: Stored<DetectionLevel>) {
        stride = 1 << Int(record.strideShift)
        classes = Int(record.classes)
        distances = Int(record.distances)
        centerness = Int(record.centerness)
        threshold = record.threshold
      }
    }

    /// The bits of a coordinate behind the point.
    package let fractionBits: Int
    /// The part of a union, in 1/256, that two boxes of a class may share.
    package let overlap: Int
    /// So many of the best candidates may become boxes.
    package let candidateLimit: Int
    /// The most boxes of an image.
    package let boxLimit: Int
    /// The least score of a candidate's class.
    package let scoreThreshold: Float
    package let classCount: Int
    /// The finest first.
    package let levels: [Level]

    init(_ view: DetectionView) {
      fractionBits = Int(view.fractionBits)
      overlap = Int(view.header.overlap)
      candidateLimit = Int(view.candidateLimit)
      boxLimit = Int(view.boxLimit)
      scoreThreshold = Float(bitPattern: view.header.scoreThresholdBits)
      classCount = Int(view.classCount)
      levels = (0..<view.levelCount).map { Level(view.level($0)) }
    }
  }

  /// What a class of the detector is called; nil where the model does not say.
  package func className(_ label: Int) -> String? {
    classNames.count == detection?.classCount ? classNames[label] : nil
  }
}
