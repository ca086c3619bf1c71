/// The compiler's passes in the order they run; raw values are what `--dump-after` accepts.
public enum PassName: String, CaseIterable, Sendable {
  case `import`
  case expandNormalization = "expand-normalization"
  case canonicalize
  case foldBatchNorm = "fold-batch-norm"
  case fuseActivations = "fuse-activations"
  case fuseResiduals = "fuse-residuals"
  case foldNormalization = "fold-normalization"
  case quantize
  case fitRequantizers = "fit-requantizers"
  case lower
  case planMemory = "plan-memory"
}
