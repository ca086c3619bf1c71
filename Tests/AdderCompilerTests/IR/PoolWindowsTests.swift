import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

/// Pools whose windows depend on their input.
@Suite struct PoolWindowsTests {
  private func network(
    _ node: String, height: Int, width: Int
  ) throws(CompileError) -> Graph {
    let text = """
      {"schema": "adder-graph-1", "name": "g",
       "inputs": [{"name": "x", "shape": [1, \(height), \(width)]}],
       "nodes": [{"name": "n", "inputs": ["x"], \(node)}], "outputs": ["n"]}
      """
    return try importGraph(
      from: .empty, fileName: "m.pth",
      options: ImportOptions(graphFile: (name: "g.json", bytes: Data(text.utf8)))
    ).graph
  }

  private func values(_ graph: Graph, _ image: [UInt8]) throws -> [Float] {
    try FloatNetwork(graph).run([[image]])[0].map { ($0 * 255 * 64).rounded() / 64 }
  }

  /// PyTorch: `AdaptiveAvgPool2d` of `torch.arange(n).view(1, 1, h, w)`.
  @Test(
    "adaptive pools have PyTorch's windows",
    arguments: [
      (1, 6, 1, 3, [0.5, 2.5, 4.5]), (1, 7, 1, 2, [1.5, 4.5]), (1, 5, 1, 1, [2]),
      (2, 4, 1, 2, [2.5, 4.5]), (1, 2, 1, 4, [0, 0, 1, 1]), (2, 2, 2, 2, [0, 1, 2, 3]),
    ] as [(Int, Int, Int, Int, [Float])])
  func adaptive(height: Int, width: Int, rows: Int, columns: Int, wanted: [Float]) throws {
    let graph = try network(
      "\"op\": \"adaptive_average_pool\", \"output\": [\(rows), \(columns)]", height: height,
      width: width)
    let image = (0..<height * width).map { UInt8($0) }
    #expect(try values(graph, image) == wanted)
    #expect(try values(canonicalize(graph), image) == wanted)
  }

  @Test func `adaptive pools of windows that differ are refused`() {
    for (width, columns) in [(7, 3), (3, 4), (1, 100)] {
      let messages = failure { () throws(CompileError) in
        _ = try network(
          "\"op\": \"adaptive_average_pool\", \"output\": [1, \(columns)]", height: 1, width: width)
      }
      #expect(
        messages == [
          "unsupported",
          "g.json: node 'n' (adaptive_average_pool): windows of different sizes or steps divide "
            + "1x\(width) positions into 1x\(columns), whose means need different divisors; pool to "
            + "divisors of the input's rows and columns, or interpolate the input",
        ])
    }
  }

  /// PyTorch: `MaxPool2d(kernel, stride, padding, ceil_mode=True)` of `torch.arange(n)`.
  @Test(
    "ceil_mode has PyTorch's windows",
    arguments: [
      (8, 3, 2, 1, [1, 3, 5, 7, 7]), (6, 2, 2, 0, [1, 3, 5]), (7, 2, 2, 0, [1, 3, 5, 6]),
      (5, 3, 3, 1, [1, 4]), (6, 3, 3, 1, [1, 4, 5]), (5, 2, 4, 0, [1, 4]),
    ] as [(Int, Int, Int, Int, [Float])])
  func ceiling(width: Int, kernel: Int, stride: Int, padding: Int, wanted: [Float]) throws {
    let graph = try network(
      """
      "op": "max_pool", "kernel": [1, \(kernel)], "stride": [1, \(stride)],
      "padding": [0, \(padding)], "ceil_mode": true
      """, height: 1, width: width)
    #expect(try values(graph, (0..<width).map { UInt8($0) }) == wanted)
  }

  @Test func `means of one window leave padding out`() throws {
    let graph = try network(
      """
      "op": "average_pool", "kernel": [1, 5], "padding": [0, 2], "stride": 5,
      "count_include_pad": false
      """, height: 1, width: 4)
    #expect(try values(graph, [10, 20, 30, 99]) == [20])
    // Padding that no window reaches.
    let unreached = try network(
      """
      "op": "average_pool", "kernel": [1, 2], "padding": [0, 0, 0, 1], "count_include_pad": false
      """, height: 1, width: 4)
    #expect(try values(unreached, [10, 20, 30, 40]) == [15, 35])
  }

  /// PyTorch: `AvgPool2d((1, kernel), (1, stride), (0, padding), ceil_mode, count_include_pad)` of
  /// 12·torch.arange(1, n + 1).
  @Test(
    "means divide by what PyTorch counts",
    arguments: [
      (4, 3, 1, 1, false, false, [18, 24, 36, 42]), (4, 3, 1, 1, false, true, [12, 24, 36, 28]),
      (5, 2, 2, 0, true, true, [18, 42, 60]), (5, 2, 2, 0, true, false, [18, 42, 60]),
      (4, 3, 2, 1, true, false, [18, 36, 48]), (4, 3, 2, 1, true, true, [12, 36, 24]),
      (6, 4, 3, 1, true, true, [18, 54, 36]), (6, 4, 3, 1, true, false, [24, 54, 72]),
    ] as [(Int, Int, Int, Int, Bool, Bool, [Float])])
  func divisors(
    width: Int, kernel: Int, stride: Int, padding: Int, ceils: Bool, counts: Bool, wanted: [Float]
  ) throws {
    let graph = try network(
      """
      "op": "average_pool", "kernel": [1, \(kernel)], "stride": [1, \(stride)],
      "padding": [0, \(padding)], "ceil_mode": \(ceils), "count_include_pad": \(counts)
      """, height: 1, width: width)
    let image = (1...width).map { UInt8(12 * $0) }
    #expect(try values(graph, image) == wanted)
    #expect(try values(canonicalize(graph), image) == wanted)
  }

  @Test func `windows without a mean, or with too many divisors, are refused`() {
    let empty = failure { () throws(CompileError) in
      _ = try network(
        """
        "op": "average_pool", "kernel": 2, "stride": 1, "padding": 2, "count_include_pad": false
        """, height: 8, width: 8)
    }
    #expect(
      empty == [
        "malformed",
        "g.json: g: node 'n' (average_pool): padding as large as the window, which has no mean",
      ])
    let large = failure { () throws(CompileError) in
      _ = try network(
        """
        "op": "average_pool", "kernel": 256, "stride": 1, "padding": 10, "count_include_pad": false
        """, height: 300, width: 300)
    }
    #expect(
      large == [
        "unsupported",
        "g.json: node 'n' (average_pool): windows of 65536 positions over the input 1x300x300 need "
          + "different divisors, which at most 65535 may have; pool to whole windows without padding",
      ])
  }
}
