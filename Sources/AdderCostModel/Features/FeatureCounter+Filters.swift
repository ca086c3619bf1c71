import ADBFormat
import AdderModel
import AdderRuntime

extension FeatureCounter {
  /// Adds what both kinds of layers do; gives tiles of two positions and of one, once a group.
  private mutating func addWalk(
    _ record: Stored<FilterLayer>, _ plan: LayerPlan
  ) -> (two: Int, one: Int) {
    let shape = output.shape
    let tiles = shape.height * (shape.width / 2)
    let lone = shape.height * (shape.width % 2)
    let groups = Int(record.patch.groups)
    add(
      "walk", 1,
      [
        ("cleared_words", 2 * Int(record.patch.wordCount)), ("rows", shape.height),
        ("tiles", tiles), ("lone_tiles", lone), ("groups", (tiles + lone) * groups),
      ])
    addGathering(record, plan)
    return (tiles * groups, lone * groups)
  }

  /// The range of pairs, if sums are scaled in pairs.
  private func range(_ plan: LayerPlan) -> String? {
    if case .pairs(let range) = plan.scaling { "\(range)" } else { nil }
  }

  mutating func addAdder(_ record: Stored<Adder2D>, _ plan: LayerPlan) {
    let (two, one) = addWalk(record.layer, plan)
    let words = Int(record.layer.patch.wordCount)
    let requantizer = record.layer.requantizer
    if plan.sums == .differences(.sevenBitsOrBytes) {
      add("adder2d", 1, [("examined_words", source(0).byteCount / 4), ("examinations", 1)])
    }
    let filters = Int(record.layer.patch.outputChannels)
    let (pairs, loneFilters) = (filters / 2, filters % 2)
    if kernels != .dsp {
      add(sums, 2 * two + one, [("prepared_patches", 1), ("prepared_words", words)])
      if sums == "bytes" { add(sums, 2 * two + one, [("prepared_drains", (words + 127) / 128)]) }
    }
    let areBytes = sums != "halves"
    let fastRange = areBytes ? range(plan) : nil
    let fastTiles = fastRange == nil ? 0 : two
    if pairs > 0 {
      add(sums, 1, [("fast_tiles", fastTiles), ("slow_tiles", two + one - fastTiles)])
    } else {
      add(sums, two + one, [("tiles_of_a_filter", 1)])
    }
    if let fastRange {
      addSums("double", two * pairs, words)
      addPairs(requantizer, fastRange, two, 0..<pairs * 2)
    }
    let kinds = [
      ("pairs", two - fastTiles, pairs, true), ("pairs", one, pairs, false),
      ("lone_filters", two, loneFilters, true), ("lone_filters", one, loneFilters, false),
    ]
    for (kind, tiles, filters, isDouble) in kinds {
      add(sums, tiles * filters, [(kind, 1), (isDouble ? "double_totals" : "single_totals", 1)])
      if isDouble, !areBytes {
        addSums("double", tiles * filters, words)
      } else {
        addSums("single", tiles * filters * (isDouble ? 2 : 1), words)
      }
    }
    addStores(requantizer, two + one - fastTiles, 0..<pairs * 2, isWidened: true)
    if loneFilters > 0 {
      addStores(requantizer, two + one, pairs * 2..<pairs * 2 + 1, isWidened: true)
    }
  }

  /// Calls of the sums of a pair of filters and two patches, or one.
  private mutating func addSums(_ kind: String, _ times: Int, _ words: Int) {
    let part = "\(sums).\(kind)"
    let odd = words % 2
    if sums == "sevenBits" {
      let drains = max(1, (words - odd + 509) / 510)
      add(part, times, [("word_pairs", words / 2), ("odd_words", odd), ("drains", drains)])
    } else if sums == "halves" {
      add(part, times, [("words", words)])
    } else if kernels != .dsp {
      add(part, times, [("words", words), ("drains", (words + 127) / 128)])
    } else if kind == "single" {
      add(part, times, [("word_pairs", words / 2), ("odd_words", odd)])
    } else {
      let (fours, twos) = (words / 4 % 2, words / 2 % 2)
      let tails = words % 4 > 0 ? 1 : 0
      add(
        part, times,
        [
          ("eights", words / 8), ("fours", fours), ("no_fours", 1 - fours), ("twos", twos),
          ("no_twos", tails - twos), ("odd_words", odd), ("no_odd_words", tails - odd),
          ("no_tails", 1 - tails),
        ])
    }
    if sums != "halves" || kind == "single" { add(part, times, [("calls", 1)]) }
  }

  mutating func addConvolution(_ record: Stored<Conv2D>, _ plan: LayerPlan) {
    let (two, one) = addWalk(record.layer, plan)
    let tiles = two + one
    let patch = record.layer.patch
    let groups = Int(patch.groups)
    let perGroup = Int(patch.outputChannels)
    let isWide = record.layer.requantizer.wide
    let part = "digits.\(sums)" + (isWide ? ".wide" : "")
    add("digits", tiles, [("tiles", 1)])
    var offset = Int(record.digitsOffset)
    let constants = model.view.constants
    func next() -> Int {
      defer { offset += 2 }
      return Int(constants[offset]) | Int(constants[offset + 1]) << 8
    }
    for _ in 0..<output.shape.channels {
      add(part, tiles / groups, [("channels", 1)])
      for _ in 0..<next() {
        let taps = (next(), next())
        offset += 2 * (taps.0 + taps.1)
        for (sign, count) in [("added", taps.0), ("subtracted", taps.1)] {
          add(
            part, tiles / groups,
            [
              ("\(sign)_pairs", count / 2), ("\(sign)_odd", count % 2),
              ("\(sign)_even", 1 - count % 2),
            ])
        }
      }
    }
    var paired = 0
    if let range = range(plan) {
      paired = perGroup / 2 * 2
      add("digits", tiles, [("pairs", paired / 2)])
      addPairs(record.layer.requantizer, range, tiles, 0..<paired)
    }
    add("digits", tiles, [("stores", perGroup - paired)])
    addStores(record.layer.requantizer, tiles, paired..<perGroup)
  }
}
