import ADBFormat
import AdderTestSupport
import Foundation
import Testing

/// docs/adb-format.md against the records and limits.
@Suite struct DocumentTests {
  /// A row of a table: where a field lies, its name and the bytes it takes.
  struct Row: Equatable {
    var offset: Int
    var name: String
    var byteCount: Int
    /// The last column, which is not compared.
    var meaning = ""

    static func == (first: Row, second: Row) -> Bool {
      (first.offset, first.name, first.byteCount) == (second.offset, second.name, second.byteCount)
    }
  }

  private static let text =
    (try? String(
      contentsOf: goldenDirectory().deletingLastPathComponent()
        .appending(path: "docs/adb-format.md"), encoding: .utf8)) ?? ""

  @Test(
    "each table is a record",
    arguments: [
      ("Header", Header.fields), ("Section table", Section.fields),
      ("Tensors", TensorRecord.fields), ("Bindings", Binding.fields),
      ("Window", WindowGeometry.fields), ("Requantizer", Requantizer.fields),
      ("Channel entry", ChannelEntry.fields), ("Wide channel entry", WideChannelEntry.fields),
      ("Patch", PatchLayout.fields), ("Operations", OperationHeader.fields),
      ("Detection", Detection.fields),
    ])
  func records(title: String, fields: [FieldDescription]) throws {
    #expect(try Self.table(title) == Self.rows(of: fields))
  }

  @Test func `the second table of the section detection is a level's record`() throws {
    #expect(try Self.table("Detection", 1) == Self.rows(of: DetectionLevel.fields))
  }

  @Test("each operation's table is its record", arguments: Opcode.allCases)
  func operations(opcode: Opcode) throws {
    var table = try Self.table("\(opcode.rawValue) \(opcode)")
    // Behind the fields of a concat lies a list.
    if opcode == .concat { table.removeLast() }
    #expect(table == Self.rows(of: opcode.recordType.fields).filter { $0.name != "header" })
  }

  @Test func `the document has the limits`() throws {
    func row(_ title: String, _ name: String) throws -> String {
      try #require(try Self.table(title).first { $0.name == name }).meaning
    }
    func expect(_ title: String, _ name: String, _ low: UInt32, _ high: UInt32) throws {
      #expect(try row(title, name).hasPrefix("\(low)…\(Self.number(high))"), "\(title), \(name)")
    }
    try expect("Header", "sectionCount", Limits.requiredSectionCount, Limits.sectionCount)
    for name in ["height", "width", "channels"] { try expect("Tensors", name, 1, Limits.extent) }
    #expect(
      try row("Tensors", "byteCount").hasSuffix("at most \(Self.number(Limits.tensorByteCount))"))
    for name in ["kernel", "stride", "dilation"].flatMap({ [$0 + "Height", $0 + "Width"] }) {
      try expect("Window", name, 1, Limits.windowExtent)
    }
    for name in ["padTop", "padLeft", "padBottom", "padRight"] {
      try expect("Window", name, 0, Limits.padding)
      try expect("9 pad", name, 0, Limits.padding)
    }
    #expect(
      try row("Requantizer", "shift").contains(
        "0…\(Limits.narrowShift); 0…\(Limits.wideShift) if wide"))
    try expect("Patch", "inputShift", 0, Limits.inputShift)
    #expect(
      try row("Patch", "elementCount").hasSuffix(
        "at most \(grouped(Limits.patchElementCount))"))
    try expect(
      "7 concat", "inputCount", Limits.minimumConcatInputCount, Limits.concatInputCount)
    for name in ["factorHeight", "factorWidth"] {
      try expect("8 upsampleNearest", name, 1, Limits.factor)
    }
    try expect("Detection", "candidateLimit", 1, Limits.candidateCount)
    let level = try Self.table("Detection", 1)
    for name in ["classShift", "distanceShift", "centernessShift"] {
      let meaning = try #require(level.first { $0.name == name }).meaning
      #expect(
        meaning.hasPrefix("−\(-Limits.leastRescaleShift)…\(Limits.largestRescaleShift): "))
    }
    let stride = try #require(level.first { $0.name == "strideShift" }).meaning
    #expect(stride.hasPrefix("0…\(Limits.strideShift): "))
    for sentence in [
      "of levels, 1…\(Limits.detectionLevelCount).",
      "At most \(Limits.tensorCount) tensors.", "at most \(Limits.bindingCount) in all",
      "in the order they run; at most \(Limits.operationCount)",
      "the number of planes (0…\(Limits.planeCount))",
      "all operations together, are at most \(Self.number(Limits.examinedByteCount))",
    ] {
      #expect(
        Self.text.replacingOccurrences(of: "\n", with: " ").contains(sentence), "\(sentence)")
    }
  }

  @Test("the document lists each reason", arguments: ModelError.Reason.allCases)
  func reasons(reason: ModelError.Reason) {
    #expect(Self.text.contains("\n| \(reason.rawValue) | \(reason) | "))
  }

  @Test func `the steps to add an operation name the files of the last one`() throws {
    let root = goldenDirectory().deletingLastPathComponent()
    let newest = try #require(Opcode.allCases.last)
    let name = "\(newest)".lowercased()
    var files: Set<String> = []
    for folder in ["Sources", "Tests", "tools", "docs"] {
      let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
      while let path = paths?.nextObject() as? String {
        // What a tool writes is not touched by hand.
        guard !path.contains("__pycache__"), !path.contains("Resources/"),
          let text = try? String(
            contentsOf: root.appending(path: folder).appending(path: path), encoding: .utf8)
        else { continue }
        // However it is spelt: with capitals, with underscores.
        if text.lowercased().replacingOccurrences(of: "_", with: "").contains(name) {
          files.insert("\(folder)/\(path)")
        }
      }
    }
    let document = try String(
      contentsOf: root.appending(path: "docs/adding-an-operation.md"), encoding: .utf8)
    let listed = document.matches(of: #/\n {3}- ([A-Za-z]\S*/\S+)/#).map {
      $0.1.replacingOccurrences(of: "\\", with: "")
    }
    #expect(files.symmetricDifference(listed) == [])
  }

  /// The rows of a table below a heading that begins with `title`, the first or a later one.
  private static func table(_ title: String, _ number: Int = 0) throws -> [Row] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(
      lines.firstIndex {
        $0.hasPrefix("#") && $0.drop { "# ".contains($0) }.hasPrefix("\(title),")
      }, "no heading '\(title)'")
    var rest = lines[start...].drop { !$0.hasPrefix("|") }
    for _ in 0..<number { rest = rest.drop { $0.hasPrefix("|") }.drop { !$0.hasPrefix("|") } }
    let rows = rest.prefix { $0.hasPrefix("|") }.dropFirst(2)
    return try rows.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return Row(
        offset: try #require(Int(cells[0]), "\(line)"), name: cells[2],
        byteCount: try byteCount(cells[1]), meaning: cells.count > 3 ? cells[3] : "")
    }
  }

  /// The bytes of a type as the document spells it; a list whose length is in a field has none.
  private static func byteCount(_ type: String) throws -> Int {
    let parts = type.split(separator: "[")
    let count = parts.count == 1 ? 1 : Int(parts[1].dropLast()) ?? 0
    let size: Int? =
      switch parts[0] {
      case "window": Int(WindowGeometry.byteCount)
      case "requantizer": Int(Requantizer.byteCount)
      case "patch": Int(PatchLayout.byteCount)
      default: Int(parts[0].dropFirst()).map { $0 / 8 }
      }
    return try #require(size, "type '\(type)'") * count
  }

  /// The fields of a record with those of each group as one, as the document has them.
  private static func rows(of fields: [FieldDescription]) -> [Row] {
    var rows: [Row] = []
    for field in fields {
      var name = field.name.split(separator: ".").first.map(String.init) ?? ""
      if name.hasPrefix("reserved") { name = "reserved" }
      // Bits of a number that the runtime does not read, and halves of one that it reads in parts.
      for suffix in ["Bits", "Halves"] where name.hasSuffix(suffix) && field.byteCount > 1 {
        name.removeLast(suffix.count)
      }
      if let last = rows.last, last.name == name {
        rows[rows.count - 1].byteCount += field.byteCount
      } else {
        rows.append(Row(offset: field.offset, name: name, byteCount: field.byteCount))
      }
    }
    return rows
  }

  /// A number as the document spells it: powers of two from 2²⁰ on as such.
  private static func number(_ value: UInt32) -> String {
    guard value >= 1 << 20, value.nonzeroBitCount == 1 else { return "\(value)" }
    let superscripts = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    let digits = "\(value.trailingZeroBitCount)".compactMap(\.wholeNumberValue)
    return "2" + String(digits.map { superscripts[$0] })
  }

  private func grouped(_ value: UInt32) -> String { "\(value / 1000),\(value % 1000)" }
}
