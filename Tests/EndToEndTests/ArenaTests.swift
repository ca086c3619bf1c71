import AdderModel
import AdderTestSupport
import Foundation
import Testing

@Suite struct ArenaTests {
  @Test(
    "the compiler states the peak of the arena, where areas share bytes only in place",
    arguments: ["4", "16"])
  func agrees(bits: String) throws {
    try TemporaryDirectory.with { folder in
      try AllOperationsNetwork().write(to: folder)
      let compiled = try AllOperationsNetwork.compile(
        folder, ["--bits", bits, "--report", "r.json"])
      try #require(compiled.status == 0, "\(compiled.standardError)")
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(try folder.read("r.json"))) as? [String: Any])
      let map = try Model(try folder.read("m.adb")).arenaMap
      #expect(report["live_bytes"] as? Int == map.peak.byteCount)
      for (index, first) in map.areas.enumerated() {
        for second in map.areas[(index + 1)...]
        where first.bytes.overlaps(second.bytes) && first.moments.overlaps(second.moments) {
          #expect(first.bytes == second.bytes)
          #expect(first.moments.upperBound == second.moments.lowerBound)
        }
      }
    }
  }
}
