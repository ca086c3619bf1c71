/// The sections of one file, by kind.
struct SectionTable {
  private(set) var tensors = Section.none
  private(set) var operations = Section.none
  private(set) var constants = Section.none
  private(set) var bindings = Section.none
  #if !hasFeature(Embedded)
    private(set) var normalization: Section?
    private(set) var names: Section?
    private(set) var classNames: Section?
  #endif

  /// Puts a section in its place.
  mutating func insert(_ section: Section) {
    switch section.kind {
    case .tensors: tensors = section
    case .operations: operations = section
    case .constants: constants = section
    case .bindings: bindings = section
    case .normalization, .names, .classNames:
      #if !hasFeature(Embedded)
        insertDescription(section)
      #endif
    }
  }

  #if !hasFeature(Embedded)
    private mutating func insertDescription(_ section: Section) {
      switch section.kind {
      case .normalization: normalization = section
      case .names: names = section
      case .classNames: classNames = section
      case .tensors, .operations, .constants, .bindings: break
      }
    }
  #endif
}

extension Section {
  /// A section that holds nothing.
  fileprivate static var none: Section {
    Section(kind: .tensors, offset: 0, byteCount: 0, entryCount: 0)
  }
}
