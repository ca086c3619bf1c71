/// The sections of one file, by kind.
struct SectionTable {
  var tensors: Section
  var operations: Section
  var constants: Section
  var bindings: Section
  var normalization: Section?
  var names: Section?
  var classNames: Section?
}
