import AdderCompiler
import AdderCompilerTestSupport
import Testing

private let divided = "the image 16x24 divided by the stride"
private let order = "; if the outputs come in another order, say which they are with \"outputs\""

@Suite struct DetectionRefusalTests {
  @Test(
    "a description that is none is refused with the place",
    arguments: [
      ("{", "line 1, column 2: "),
      ("[8]", "the file: an array, expected an object"),
      ("{}", "strides: missing, expected an array of 1...16 powers of two, one for each level"),
      (
        #"{"strides": 8}"#,
        "strides: 8, expected an array of 1...16 powers of two, one for each level"
      ),
      (
        #"{"strides": []}"#,
        "strides: 0 elements, expected an array of 1...16 powers of two, one for each level"
      ),
      (#"{"strides": [8, 12]}"#, "strides[1]: 12, expected a power of two of 1...1024"),
      (#"{"strides": [2048]}"#, "strides[0]: 2048, expected a power of two of 1...1024"),
      (#"{"strides": [-8]}"#, "strides[0]: -8, expected a power of two of 1...1024"),
      (#"{"strides": ["8"]}"#, "strides[0]: the string '8', expected a power of two of 1...1024"),
      (
        #"{"strides": [16, 8]}"#,
        "strides[1]: 8, expected at least the 16 before it: the finest level comes first"
      ),
      (#"{"strides": [8, 16], "score": 0}"#, "score: 0, expected a number of 1e-06...0.999999"),
      (#"{"strides": [8, 16], "score": 1}"#, "score: 1, expected a number of 1e-06...0.999999"),
      (
        #"{"strides": [8, 16], "overlap": 1}"#, "overlap: 1, expected a number of 0...0.99609375"
      ),
      (
        #"{"strides": [8, 16], "candidates": 5000}"#,
        "candidates: 5000, expected an integer of 1...4096"
      ),
      (
        #"{"strides": [8, 16], "candidates": 50, "boxes": 51}"#,
        "boxes: 51, expected an integer of 1...50, the candidates"
      ),
      (
        #"{"strides": [8, 16], "boxes": 1.5}"#,
        "boxes: 1.5, expected an integer of 1...200, the candidates"
      ),
      (#"{"strides": [8, 16], "boxs": 5}"#, "boxs: unknown key. Did you mean 'boxes'?"),
      (
        #"{"strides": [8, 16], "outputs": [[0, 1, 2]]}"#,
        "outputs: 1 elements, expected 2 [classes, distances, centerness], one for each stride"
      ),
      (
        #"{"strides": [8, 16], "outputs": [[0, 1, 2], [3, 4]]}"#,
        "outputs[1]: expected [classes, distances, centerness], the numbers of outputs, 0...63"
      ),
      (
        #"{"strides": [8, 16], "outputs": [[0, 1, 2], [3, 4, 1]]}"#,
        "outputs[1][2]: output 1 is also outputs[0][1]"
      ),
    ])
  func refusesDescription(text: String, message: String) {
    let found = DetectorNetwork(text).failure()
    #expect(found.first == "malformed")
    #expect(found.count == 2, "\(found)")
    #expect(found.last?.hasPrefix("d.json: \(message)") ?? false, "\(found)")
  }

  @Test func `all findings of a description are told at once`() {
    let text = #"{"strides": [3], "score": 2, "candidates": 0, "what": 1}"#
    #expect(DetectorNetwork(text).failure().count == 5)
  }

  @Test("a network of other outputs is refused", arguments: Self.networks)
  func refusesNetwork(_ network: DetectorNetwork, _ messages: [String]) {
    var expected = messages.map { "d.json: \($0)" }
    expected[expected.count - 1] += detectionRemedy
    #expect(network.failure() == ["usage"] + expected)
  }

  private static var networks: [(DetectorNetwork, [String])] {
    func network(
      _ detection: String = #"{"strides": [8, 16]}"#, _ change: (inout DetectorNetwork) -> Void
    ) -> DetectorNetwork {
      var network = DetectorNetwork(detection)
      change(&network)
      return network
    }
    return [
      (
        network { $0.replace(#", "bq"]"#, with: "]") },
        [
          "the network has 5 outputs, expected 6: classes, distances and centerness for each of 2 "
            + #"strides; say which they are with "outputs""#
        ]
      ),
      (
        network(#"{"strides": [8, 16], "outputs": [[0, 1, 2], [3, 4, 6]]}"#) { _ in },
        [
          "level 1, stride 16: centerness, output 6, expected one of the network's 6 outputs, 0...5"
        ]
      ),
      (
        network { $0.checkpoint["d.weight"] = tensor("d.weight", [5, 4, 1, 1]) },
        [
          "level 0, stride 8: distances, output 1 'ar': 5x2x3, expected 4 channels",
          "level 1, stride 16: distances, output 4 'br': 5x1x2, expected 4 channels" + order,
        ]
      ),
      (
        network { $0.checkpoint["q.weight"] = tensor("q.weight", [2, 4, 1, 1]) },
        [
          "level 0, stride 8: centerness, output 2 'aq': 2x2x3, expected 1 channel",
          "level 1, stride 16: centerness, output 5 'bq': 2x1x2, expected 1 channel" + order,
        ]
      ),
      (
        network {
          $0.replace(
            #""inputs": ["b"], "parameters": {"weight": "c.weight"}"#,
            with: #""inputs": ["b"], "parameters": {"weight": "d.weight"}"#)
        },
        [
          "level 1, stride 16: classes, output 3 'bc': 4x1x2, expected 3 channels, the classes of "
            + "the first level" + order
        ]
      ),
      (
        network(#"{"strides": [4, 16]}"#) { _ in },
        [
          "level 0, stride 4: classes, output 0 'ac': 3x2x3, expected 3x4x6, \(divided)",
          "level 0, stride 4: distances, output 1 'ar': 4x2x3, expected 4x4x6, \(divided)",
          "level 0, stride 4: centerness, output 2 'aq': 1x2x3, expected 1x4x6, \(divided)" + order,
        ]
      ),
      (
        network {
          $0.replace(
            #""outputs": ["ac", "ar", "aq""#, with: #""outputs": ["as", "ad", "ah""#)
          $0.replace(
            #""name": "ar", "op": "relu", "inputs": ["ad"]}"#,
            with: #""name": "as", "op": "sigmoid", "inputs": ["ac"]}, "#
              + #"{"name": "ah", "op": "hard_sigmoid", "inputs": ["aq"]}"#)
        },
        [
          "level 0, stride 8: classes, output 0 'as': made by sigmoid, expected its argument, the "
            + "logit: scores are sigmoids of what the network gives; leave it out",
          "level 0, stride 8: centerness, output 2 'ah': made by hard_sigmoid, expected its argument, "
            + "the logit: scores are sigmoids of what the network gives; leave it out",
        ]
      ),
      (
        network { $0.replace("[1, 16, 24]", with: "[1, 1, 40000]") },
        [
          "the input 'image' is 1x1x40000, expected a height and width of at most 32767: boxes are "
            + "integers of 16 bits in half pixels"
        ]
      ),
      (
        network(#"{"strides": [8, 16], "outputs": [[0, 1, 2], [3, 4, 5]]}"#) {
          $0.replace(
            #""inputs": [{"name": "image""#,
            with: #""inputs": [{"name": "other", "shape": [4, 1, 1]}, {"name": "image""#)
          $0.replace(
            #""nodes": ["#,
            with: #""nodes": [{"name": "more", "op": "conv2d", "inputs": ["other"], "parameters": "#
              + #"{"weight": "q.weight"}}, "#)
          $0.replace(#""br", "bq"]"#, with: #""br", "bq", "more"]"#)
        },
        [
          "the network has 2 inputs, expected one, the image whose pixels boxes are in"
        ]
      ),
    ]
  }

  @Test func `a description without end is refused in a line`() {
    let levels = [String](repeating: "[0, 1, 2]", count: 100_000).joined(separator: ",")
    #expect(
      DetectorNetwork("{\"strides\": [8, 16], \"outputs\": [\(levels)]}").failure() == [
        "malformed",
        "d.json: outputs: 100000 elements, expected 2 [classes, distances, centerness], one for each "
          + "stride",
      ])
    let keys = (0..<5000).map { "\"k\($0)\": 1" }.joined(separator: ",")
    let found = DetectorNetwork("{\(keys)}").failure()
    #expect(found.count == 1002)
    #expect(found.last?.hasSuffix("more findings") ?? false)
  }

  private static func tensor(_ name: String, _ shape: [Int]) -> Checkpoint.Tensor {
    Checkpoint.Tensor(
      name: name, shape: shape, storedType: .float32,
      values: [Float](repeating: 0.5, count: shape.reduce(1, *)))
  }
}
