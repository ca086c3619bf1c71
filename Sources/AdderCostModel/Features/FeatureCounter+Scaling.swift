import ADBFormat
import AdderModel
import AdderRuntime

extension FeatureCounter {
  /// The shifts and signs of an entry of a channel table.
  typealias Terms = [(shift: Int, isNegative: Bool)]

  func terms(_ tableOffset: UInt32, _ entry: Int, _ isWide: Bool) -> Terms {
    let end = Int(tableOffset) + (entry + 1) * (isWide ? 24 : 16)
    return model.view.constants[end - 8..<end].filter { $0 != 0xFF }.map {
      (Int($0 & 0x7F), $0 & 0x80 != 0)
    }
  }

  /// Shifts of 64 bits run differently by 0, less than a word, and more.
  func distance(_ shift: Int) -> String { shift == 0 ? "no" : shift < 32 ? "near" : "far" }

  mutating func addSingleTerms(_ part: String, _ times: Int, _ terms: Terms, isWide: Bool) {
    addSigns(part, times, terms)
    if isWide {
      for term in terms { add(part, times, [("\(distance(term.shift))_terms", 1)]) }
    }
  }

  private mutating func addSigns(_ part: String, _ times: Int, _ terms: Terms) {
    let negative = terms.count(where: \.isNegative)
    add(
      part, times, [("positive_terms", terms.count - negative), ("negative_terms", negative)])
  }

  /// Terms are added in halves of four.
  private mutating func addTerms(_ part: String, _ times: Int, _ terms: Terms) {
    addSigns(part, times, terms)
    let ends = [terms.prefix(4).last, terms.dropFirst(4).last].compactMap(\.self)
    add(
      part, times,
      [
        ("positive_ends", ends.count { !$0.isNegative }),
        ("negative_ends", ends.count(where: \.isNegative)),
        ("short_entries", terms.count <= 4 ? 1 : 0), ("long_entries", terms.count > 4 ? 1 : 0),
      ])
  }

  /// The terms of the channels of every group.
  private func entries(
    _ requantizer: Stored<Requantizer>, _ channels: Range<Int>, sharedEntry: Int? = nil
  ) -> [Terms] {
    let groups = layer.patch?.groups ?? 1
    let perGroup = output.shape.channels / groups
    return (0..<groups).flatMap { group in
      channels.map { channel in
        terms(
          requantizer.tableOffset,
          sharedEntry ?? (requantizer.entryCount == 1 ? 0 : group * perGroup + channel),
          requantizer.wide)
      }
    }
  }

  /// `PairScaler.store` of channels, two at a time, `tiles` times, counted once a group.
  mutating func addPairs(
    _ requantizer: Stored<Requantizer>, _ range: String, _ tiles: Int, _ channels: Range<Int>
  ) {
    let groups = layer.patch?.groups ?? 1
    for terms in entries(requantizer, channels) { addTerms("pairs", tiles / groups, terms) }
    add("pairs", tiles * (channels.count / 2), [(range, 1)])
    if layer.residual != nil { add("pairs", tiles * (channels.count / 2), [("residuals", 1)]) }
  }

  /// `TileScaler.store` of channels, one at a time, `tiles` times, counted once a group.
  mutating func addStores(
    _ requantizer: Stored<Requantizer>, _ tiles: Int, _ channels: Range<Int>,
    isWidened: Bool = false, sharedEntry: Int? = nil
  ) {
    let groups = layer.patch?.groups ?? 1
    let isWide = requantizer.wide
    for terms in entries(requantizer, channels, sharedEntry: sharedEntry) {
      if isWide {
        addSingleTerms("store.wide", 2 * (tiles / groups), terms, isWide: true)
      } else {
        addTerms("store", tiles / groups, terms)
      }
    }
    let calls = tiles * channels.count
    let part = isWide ? "store.wide" : "store"
    add(part, calls, [("calls", 1), ("\(output.elementType)", 1)])
    if isWide {
      add(
        part, calls,
        [("widened", isWidened ? 1 : 0), ("\(distance(Int(requantizer.shift)))_shifts", 1)])
    }
    if let residual = layer.residual {
      add(part, calls, [("residuals_\(model.tensors[residual].elementType)", 1)])
    }
  }
}
