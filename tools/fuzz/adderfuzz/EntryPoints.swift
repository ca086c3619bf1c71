import Foundation

// What libFuzzer calls (https://llvm.org/docs/LibFuzzer.html).

/// Takes `--target=NAME` and `--plant=DEFECT`, or prints all names for `--targets`; libFuzzer ignores
/// options with two dashes.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ argumentCount: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  func value(of option: String) -> String? {
    CommandLine.arguments.lazy.filter { $0.hasPrefix("--\(option)=") }.last.map {
      String($0.dropFirst(option.count + 3))
    }
  }
  if CommandLine.arguments.contains("--targets") {
    print(fuzzTargets.map { $0.name }.joined(separator: "\n"))
    exit(0)
  }
  if let name = value(of: "plant") {
    guard let defect = PlantedDefect(rawValue: name) else { fail("no defect is named '\(name)'") }
    PlantedDefect.current = defect
    if defect == .wrongVectors { plantVectorDefect() }
  }
  let name = value(of: "target") ?? ""
  guard let type = fuzzTargets.first(where: { $0.name == name }) else {
    fail("--target=\(name): expected one of \(fuzzTargets.map { $0.name })")
  }
  target = type.init()
  atexit { target?.printStatistics() }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
  target?.run([UInt8](UnsafeBufferPointer(start: data, count: byteCount)))
  return 0
}

@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ data: UnsafeMutablePointer<UInt8>?, _ byteCount: Int, _ largestByteCount: Int,
  _ seed: CUnsignedInt
) -> Int {
  guard let data else { return 0 }
  let buffer = UnsafeMutableRawBufferPointer(start: data, count: largestByteCount)
  let bytes = [UInt8](buffer.prefix(byteCount))
  if let mutant = target?.mutant(of: bytes, seed: UInt64(seed)), mutant.count <= largestByteCount {
    buffer.copyBytes(from: mutant)
    return mutant.count
  }
  return libFuzzerMutate(data, byteCount, largestByteCount)
}

/// libFuzzer's own mutations, in place; returns the new length.
@_silgen_name("LLVMFuzzerMutate")
private func libFuzzerMutate(_: UnsafeMutablePointer<UInt8>, _: Int, _: Int) -> Int

nonisolated(unsafe) private var target: (any FuzzTarget)?

private func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("adderfuzz: \(message)\n".utf8))
  exit(64)
}
