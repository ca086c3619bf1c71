import ADBFormat

extension QuantizedLayer {
  var patchWordCount: Int {
    ((filters.elementsPerFilter << Int(patch.elementType.shift)) + 3) / 4
  }

  /// Filters of an adder layer, two at a time: the sum of each, then both word by word.
  var filterPairs: [UInt8] {
    let perGroup = filters.outputChannels / groups
    var bytes: [UInt8] = []
    for group in 0..<groups {
      for first in stride(from: 0, to: perGroup, by: 2) {
        let filter = group * perGroup + first
        let hasPartner = first + 1 < perGroup
        let one = filters.patchOrderedBytes(filter, patch.elementType)
        let two =
          hasPartner
          ? filters.patchOrderedBytes(filter + 1, patch.elementType)
          : [UInt8](repeating: 0, count: one.count)
        bytes.append(number: filters.elementSum(filter))
        bytes.append(number: hasPartner ? filters.elementSum(filter + 1) : 0 as Int32)
        for word in stride(from: 0, to: one.count, by: 4) {
          bytes += one[word..<word + 4]
          bytes += two[word..<word + 4]
        }
      }
    }
    return bytes
  }

  /// Filters of a convolution as planes of signed digits.
  var digitStream: [UInt8] {
    var bytes: [UInt8] = []
    for filter in 0..<filters.outputChannels {
      let digits = filters.patchOrdered(filter).map { canonicalSignedDigits(Int($0)) }
      let planeCount = (digits.compactMap { $0.last?.shift }.max() ?? -1) + 1
      var planes = [(added: [UInt16], subtracted: [UInt16])](
        repeating: ([], []), count: planeCount)
      for (tap, digits) in digits.enumerated() {
        for digit in digits {
          if digit.isNegative {
            planes[digit.shift].subtracted.append(UInt16(tap))
          } else {
            planes[digit.shift].added.append(UInt16(tap))
          }
        }
      }
      bytes.append(number: UInt16(planeCount))
      for plane in planes.reversed() {
        bytes.append(number: UInt16(plane.added.count))
        bytes.append(number: UInt16(plane.subtracted.count))
        for tap in plane.added + plane.subtracted { bytes.append(number: tap) }
      }
    }
    return bytes
  }
}

extension FilterTensor<Int32> {
  /// One filter's integers in the order row, column, channel.
  fileprivate func patchOrdered(_ filter: Int) -> [Int32] {
    let area = height * width
    return (0..<area).flatMap { tap in
      (0..<inputChannels).map { values[(filter * inputChannels + $0) * area + tap] }
    }
  }

  /// The same as bytes, padded to whole words with zeros.
  fileprivate func patchOrderedBytes(_ filter: Int, _ type: ElementType) -> [UInt8] {
    var bytes: [UInt8] = []
    for element in patchOrdered(filter) { bytes.append(element: Int(element), of: type) }
    bytes.align(to: 4)
    return bytes
  }

  /// The sum of one filter's integers, modulo 2³².
  fileprivate func elementSum(_ filter: Int) -> Int32 {
    let start = filter * elementsPerFilter
    return values[start..<start + elementsPerFilter].reduce(0, &+)
  }
}
