import ADBFormat
import AdderTestSupport
import Testing

/// Rules that no single changed byte of the large model breaks.
@Suite struct VerifierStructureTests {
  private static let one = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))

  /// A model of one input of 4 × 4 × 2 that `build` completes, and its refusal.
  private func refusal(_ build: (inout ModelBuilder, UInt32) -> Void) -> ModelError.Reason? {
    var model = ModelBuilder()
    let image = model.input(4, 4, 2)
    build(&model, image)
    do throws(ModelError) {
      try verify(model.bytes())
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func `an input may be an output`() {
    #expect(refusal { model, image in model.output(image) } == nil)
  }

  @Test func `refuses a tensor that no one writes`() {
    let reason = refusal { model, image in
      _ = model.tensor(1, 1, 1, .uint8)
      model.output(image)
    }
    #expect(reason == .neverWritten)
  }

  @Test func `refuses a model without an output`() {
    var model = ModelBuilder()
    _ = model.input(1, 1, 1)
    _ = model.input(1, 1, 1)
    #expect(throws: ModelError(.wrongDirection, at: 164)) { try verify(model.bytes()) }
  }

  @Test func `an odd number of bytes rounds the arena up`() {
    var model = ModelBuilder()
    model.output(model.input(1, 1, 3))
    #expect(throws: Never.self) { try verify(model.bytes()) }
    #expect(FileMap(bytes: model.bytes()).u32(16) == 4)
  }

  @Test("an output may take the memory of what it reads element by element", arguments: [0, 4])
  func sharing(shift: UInt32) {
    let reason = refusal { model, image in
      let output = model.tensor(4, 4, 2, .uint8, at: shift)
      if shift > 0 { _ = model.area(byteCount: 4) }
      model.append(
        Requantize {
          $0.input = image
          $0.output = output
          $0.requantizer = model.requantizer([Self.one], output: output)
        })
      model.output(output)
    }
    #expect(reason == (shift == 0 ? nil : .overlap))
  }

  @Test func `refuses to share between elements of different sizes`() {
    let reason = refusal { model, image in
      let output = model.tensor(4, 4, 2, .int16, at: 0)
      _ = model.area(byteCount: 32)
      model.append(
        Requantize {
          $0.input = image
          $0.output = output
          $0.requantizer = model.requantizer([Self.one], output: output)
        })
      model.output(output)
    }
    #expect(reason == .overlap)
  }

  @Test func `refuses a copy into its own input`() {
    let reason = refusal { model, image in
      let output = model.tensor(1, 1, 32, .uint8, at: 0)
      model.append(
        Flatten {
          $0.input = image
          $0.output = output
        })
      model.output(output)
    }
    #expect(reason == .overlap)
  }

  /// Terms of one narrow entry, and whether they are well formed.
  @Test(
    "checks each term",
    arguments: [
      (0xFFFF_FFFF, true), (0xFFFF_FF1F, true), (0xFFFF_FF9F, true), (0xFFFF_FF20, false),
      (0xFFFF_FF40, false), (0xFFFF_00FF, false), (0x00FF_FFFF, false), (0x0000_0000, false),
    ] as [(UInt32, Bool)])
  func terms(low: UInt32, isValid: Bool) {
    let reason = refusal { model, image in
      let output = model.tensor(4, 4, 2, .uint8)
      let entry = ChannelEntry(
        centre: 0, bias: 0, terms: ScaleTerms(low: low, high: low == 0 ? 0xFF00_FF00 : .max))
      model.append(
        Requantize {
          $0.input = image
          $0.output = output
          $0.requantizer = model.requantizer([entry], output: output)
        })
      model.output(output)
    }
    #expect(reason == (isValid ? nil : .wrongTerm))
  }

  /// Digits of two channels over a patch of 2 elements, and whether they are well formed.
  @Test(
    "walks the digits",
    arguments: [
      ([0, 0], true),
      ([1, 1, 1, 0, 1, 0], true),
      ([1, 2, 0, 0, 1, 0], true),
      ([1, 2, 0, 1, 0, 0], false),  // descending
      ([1, 2, 0, 1, 1, 0], false),  // twice
      ([1, 1, 0, 2, 0], false),  // no such element
      ([32, 0, 0, 0], false),  // too many planes
      ([0], false),  // a channel is missing
      ([0, 0, 0], false),  // something follows
      ([0, 1, 65535, 0, 0, 1], false),  // a list leaves the digits
    ] as [([UInt16], Bool)])
  func digits(values: [UInt16], isValid: Bool) {
    let reason = refusal { model, image in
      let output = model.tensor(4, 4, 2, .int32)
      let window = model.window(over: image, kernel: (1, 1))
      let requantizer = model.requantizer([Self.one], output: output)
      let patch = model.patch(
        of: window, input: image, output: output, .uint8, padValues: [0, 0])
      model.append(
        Conv2D {
          $0.layer.input = image
          $0.layer.output = output
          $0.layer.window = window
          $0.layer.requantizer = requantizer
          $0.layer.patch = patch
          $0.digitsOffset = model.constants(u16: values)
          $0.digitsByteCount = UInt32(2 * values.count)
        })
      model.output(output)
    }
    #expect(reason == (isValid ? nil : .wrongDigits))
  }

  @Test("refuses filter padding that is not zero", arguments: [3, 7, 8, 12, 15])
  func filterPadding(position: Int) {
    let reason = refusal { model, image in
      // One filter of K = 6 bytes: two sums, then words f0 g0 f1 g1, of which f1's last two bytes
      // and g are unused.
      let output = model.tensor(4, 2, 1, .int16)
      let window = model.window(over: image, kernel: (1, 3))
      let requantizer = model.requantizer([Self.one], output: output)
      let patch = model.patch(
        of: window, input: image, output: output, .uint8, padValues: [0, 0])
      var filters = [UInt8](repeating: 0, count: 24)
      filters[8 + position] = 1
      let sum: UInt8 = [3, 8].contains(position) ? 1 : 0
      filters[0] = sum
      model.append(
        Adder2D {
          $0.layer.input = image
          $0.layer.output = output
          $0.layer.window = window
          $0.layer.requantizer = requantizer
          $0.layer.patch = patch
          $0.filtersOffset = model.constants(filters)
          $0.filterMaximum = Int32(sum)
        })
      model.output(output)
    }
    #expect(reason == ([3, 8].contains(position) ? nil : .nonzeroReserved))
  }

  /// Filters of one half each, so that their last words and their partners are filled with zeros.
  @Test(
    "zeros that are no elements do not count for the largest element",
    arguments: [-7, -5, -4, 0])
  func filterMaximum(maximum: Int32) {
    let reason = refusal { model, image in
      let stream = model.tensor(4, 4, 2, .int16)
      model.append(
        Requantize {
          $0.input = image
          $0.output = stream
          $0.requantizer = model.requantizer([Self.one], output: stream)
        })
      let output = model.tensor(4, 4, 2, .int16)
      let window = model.window(over: stream, kernel: (1, 1))
      let requantizer = model.requantizer([Self.one], output: output)
      let patch = model.patch(
        of: window, input: stream, output: output, groups: 2, .int16, padValues: [0, 0])
      let filters = model.filters([[-5], [-7]], groups: 2, .int16)
      model.append(
        Adder2D {
          $0.layer.input = stream
          $0.layer.output = output
          $0.layer.window = window
          $0.layer.requantizer = requantizer
          $0.layer.patch = patch
          $0.filtersOffset = filters.offset
          $0.filterMaximum = maximum
        })
      model.output(output)
    }
    #expect(reason == (maximum == -5 ? nil : .wrongFilterMaximum))
  }

  @Test("bounds the padding of a pool by its kernel", arguments: [2, 3])
  func poolPadding(padding: Int) {
    let reason = refusal { model, image in
      let output = model.tensor(4 + 2 * padding - 2, 3, 2, .uint8)
      model.append(
        MaxPool {
          $0.input = image
          $0.output = output
          $0.window = model.window(
            over: image, kernel: (3, 2), padding: (padding, 0, padding, 0))
        })
      model.output(output)
    }
    #expect(reason == (padding == 2 ? nil : .wrongWindow))
  }

  @Test func `a dilated pool may pad more`() {
    let reason = refusal { model, image in
      let output = model.tensor(4, 4, 2, .uint8)
      model.append(
        MaxPool {
          $0.input = image
          $0.output = output
          $0.window = model.window(
            over: image, kernel: (3, 3), padding: (2, 2, 2, 2), dilation: (2, 2))
        })
      model.output(output)
    }
    #expect(reason == nil)
  }
}
