import AdderTestSupport
import AdderText

/// Mutates JSON by its values, so that most mutants are JSON and many fit a schema.
struct JSONMutator {
  private var random: SplitMix64
  /// How many values are left before the one that is mutated.
  private var left = 0
  /// All values of the text, which may take each other's place.
  private var values: [JSONValue] = []

  /// - Returns: nil for what is no JSON, and for half of all seeds, so that bytes are mutated, too.
  static func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    guard seed % 2 == 0, var value = try? JSONValue(reading: bytes) else { return nil }
    var mutator = JSONMutator(random: SplitMix64(seed: seed))
    mutator.collect(value)
    for _ in 0..<Int.random(in: 1...3, using: &mutator.random) {
      mutator.left = Int.random(in: 0..<mutator.values.count, using: &mutator.random)
      value = mutator.mutated(value)
    }
    return (try? value.text()).map { Array($0.utf8) }
  }

  private mutating func collect(_ value: JSONValue) {
    values.append(value)
    switch value {
    case .array(let elements): for element in elements { collect(element) }
    case .object(let members): for member in members { collect(member.value) }
    default: break
    }
  }

  /// The value with the one replaced that `left` counts down to, containers before their values.
  private mutating func mutated(_ value: JSONValue) -> JSONValue {
    guard left >= 0 else { return value }
    left -= 1
    if left < 0 { return replacement(for: value) }
    switch value {
    case .array(let elements): return .array(elements.map { mutated($0) })
    case .object(let members):
      return .object(members.map { .init($0.name, mutated($0.value)) })
    default: return value
    }
  }

  private mutating func replacement(for value: JSONValue) -> JSONValue {
    let other = values[Int.random(in: 0..<values.count, using: &random)]
    switch (value, Int.random(in: 0..<4, using: &random)) {
    case (.array(var elements), 0...2):
      let place = Int.random(in: 0...elements.count, using: &random)
      if place < elements.count, Bool.random(using: &random) {
        elements.remove(at: place)
      } else {
        elements.insert(elements.randomElement(using: &random) ?? other, at: place)
      }
      return .array(elements)
    case (.object(var members), 0...2):
      let place = members.indices.randomElement(using: &random)
      if let place, Bool.random(using: &random) {
        members.remove(at: place)
      } else if let place {
        members[place] = .init(members[place].name, other)
      }
      return .object(members)
    case (.integer(let number), 0...2):
      let numbers = [
        number &+ 1, number &- 1, 0, 1, 2, 3, 4, -1, 64, 255, 4096, 65_536, 1 << 20, .max,
      ]
      return .integer(numbers[Int.random(in: 0..<numbers.count, using: &random)])
    case (.number(let number), 0...2):
      let numbers = [number * 2, -number, 0, 1, 1e-5, 1e18, 1e308, .leastNonzeroMagnitude]
      let chosen = numbers[Int.random(in: 0..<numbers.count, using: &random)]
      return chosen.isFinite ? .number(chosen) : value
    default: return other
    }
  }
}
