import AdderCompiler
import AdderTestSupport
import Foundation
import Testing

/// Damaged files yield a value or an error of kind 65 or 69; anything else ends the test process.
@Suite struct CheckpointFuzzTests {
  private static let names = [
    "legacy.pth", "legacy-views.pth", "zip.pth", "zip-views.pth", "zip-types.pth",
    "zip-torch16.pth", "zip-newer.pth", "zip-no-crc.pth", "zip-protocol-4.pth", "lightning.ckpt",
    "types.safetensors", "plain.safetensors",
  ]

  @Test("refuses truncation at every byte", arguments: names)
  func truncation(name: String) throws {
    let bytes = try fixture(name)
    for byteCount in 0..<bytes.count {
      let error = refusal(of: bytes.prefix(byteCount))
      // A prefix of one magic number may look like another format, but nothing else.
      #expect(
        error?.kind == .malformed || byteCount < 16 && error?.kind == .unsupported,
        "\(byteCount) bytes: \(error?.messages.first ?? "")")
    }
  }

  @Test("survives 3,000 mutations", arguments: names)
  func mutation(name: String) throws {
    let bytes = try fixture(name)
    var rng = SplitMix64(seed: 2020)
    var refused = 0
    for round in 0..<3_000 {
      let mutant = mutate(bytes, using: &rng)
      do {
        let checkpoint = try readCheckpoint(mutant, fileName: name)
        for tensor in checkpoint.tensors {
          #expect(tensor.values.count == tensor.shape.reduce(1, *), "round \(round)")
          let isFinite = tensor.values.allSatisfy(\.isFinite)
          #expect(isFinite, "round \(round)")
        }
      } catch {
        refused += 1
        #expect(error.kind == .malformed || error.kind == .unsupported, "round \(round)")
        #expect(error.messages.count == 1 && !error.messages[0].contains("\n"), "round \(round)")
      }
    }
    // Most damage hits something that is checked; none at all would mean nothing was mutated.
    #expect(refused > 1_000)
  }

  @Test("survives mutated pickles behind a valid directory")
  func pickleMutation() throws {
    let pickle = PickleBuilder.dictionary { builder in
      builder.string("more")
      builder.raw("](K")
      builder.raw([1])
      builder.raw("K")
      builder.raw([2])
      builder.raw("eq")
      builder.raw([0])
      builder.string("again")
      builder.raw("h")
      builder.raw([0])
    }
    #expect(try readCheckpoint(torchZip(pickle), fileName: "file").tensors.count == 1)
    var rng = SplitMix64(seed: 2021)
    var refused = 0
    for _ in 0..<20_000 {
      let mutant = torchZip(mutate(pickle, using: &rng))
      do { _ = try readCheckpoint(mutant, fileName: "file") } catch {
        refused += 1
        #expect(error.kind == .malformed || error.kind == .unsupported)
      }
    }
    #expect(refused > 5_000)
  }

  @Test("survives random opcodes")
  func randomOpcodes() {
    // All opcodes without arguments, and small arguments for the others.
    let opcodes: [[UInt8]] =
      "()012NR]abdelstu}".utf8.map { [$0] }
      + [[0x81], [0x85], [0x86], [0x87], [0x88], [0x8f], [0x90], [0x91], [0x92], [0x93], [0x94]]
      + [[0x4b, 1], [0x51], [0x68, 0], [0x68, 1], [0x71, 0], [0x71, 1], [0x8a, 1, 255]]
      + [Array("cm\nn\n".utf8), [0x55, 1, 0x61], [0x8c, 1, 0x62], [0x43, 1, 0]]
    var rng = SplitMix64(seed: 2022)
    for _ in 0..<20_000 {
      var pickle = Data([0x80, 2])
      for _ in 0..<Int.random(in: 1...40, using: &rng) {
        pickle.append(contentsOf: opcodes.randomElement(using: &rng) ?? [])
      }
      pickle.append(UInt8(ascii: "."))
      let error = refusal(of: torchZip(pickle))
      #expect(error?.kind == .malformed || error?.kind == .unsupported)
    }
  }

  /// Flips, removes, repeats or overwrites one to four ranges of the file.
  private func mutate(_ bytes: Data, using rng: inout SplitMix64) -> Data {
    var mutant = bytes
    for _ in 0..<Int.random(in: 1...4, using: &rng) where !mutant.isEmpty {
      let start = Int.random(in: 0..<mutant.count, using: &rng)
      let length = min(Int.random(in: 1...12, using: &rng), mutant.count - start)
      let range = start..<start + length
      switch Int.random(in: 0..<7, using: &rng) {
      case 0, 1: mutant[start] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
      case 2: mutant[start] = UInt8.random(in: .min ... .max, using: &rng)
      case 3: mutant.removeSubrange(range)
      case 4: mutant.insert(contentsOf: Data(mutant[range]), at: start)
      case 5: mutant.replaceSubrange(range, with: Data(repeating: 0xff, count: length))
      default: mutant.replaceSubrange(range, with: Data(repeating: 0, count: length))
      }
    }
    return mutant
  }
}
