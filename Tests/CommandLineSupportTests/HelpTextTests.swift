import CommandLineSupport
import Testing

@Suite struct HelpTextTests {
  @Test func `lists arguments and options in aligned columns`() {
    let expected = """
      usage: adderc compile MODEL [EXTRA] -o OUT.adb [options]

      Compile a trained checkpoint to integers.

      arguments:
        MODEL  the checkpoint
        EXTRA  a second file

      options:
        -o, --output OUT.adb         the file to write
            --arch NAME              the architecture: auto, resnet20 or lenet5
            --map PATTERN=NAME       rename keys; may be repeated
            --calibrate IMAGES.npy   images to calibrate on
            --mean A,B,C             the mean of each channel
            --input-shape CxHxW      the shape of one image
            --layer-bits NAME=N,...  bits; may be repeated
        -b, --bits N                 bits of the activations
            --min-agreement PERCENT  fail below this agreement
        -q, --quiet                  print no notes and no progress on standard error
            --json                   print one JSON object on standard output and
                                     nothing else there
        -h, --help                   print this help
            --version                print the version

      Without images the ranges come from the batch norm statistics of the model.

      """
    #expect(HelpText.text(for: compile, invokedAs: "adderc compile") == expected)
  }

  @Test func `no line passes 80 columns`() {
    let wordy = CommandSpecification(
      name: "wordy", summary: Array(repeating: "word", count: 40).joined(separator: " "),
      positionals: [PositionalSpecification("FILE", isOptional: true, help: "a file")],
      options: (0..<12).map { index in
        OptionSpecification(
          "option-\(index)", .value("VALUE"), isRequired: true,
          help: Array(repeating: "help", count: 40).joined(separator: " "))
      } + [OptionSpecification("a-name-that-needs-its-own-line", help: "help")])
    let lines = HelpText.text(for: wordy, invokedAs: "program wordy").split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains { $0.count > 75 })
    #expect(lines.contains("      --a-name-that-needs-its-own-line"))
    #expect(lines[0].hasPrefix("usage: program wordy [FILE] --option-0 VALUE"))
  }

  @Test func `lists the commands of a program`() {
    let expected = """
      usage: adderc COMMAND [arguments]

      Compile models.

      commands:
        compile      compile a trained checkpoint to integers
        concatenate  take files

      options:
        -h, --help     print this help
            --version  print the version

      'adderc COMMAND --help' explains a command.

      """
    #expect(
      HelpText.text(
        forProgram: "adderc", summary: "compile models", commands: [compile, concatenate])
        == expected)
  }

  @Test func `wraps at spaces only`() {
    #expect(HelpText.wrap("aaa bbb ccc", columnCount: 7) == "aaa bbb\nccc")
    #expect(HelpText.wrap("aaaaaaaaaa b", columnCount: 7, indentation: 2) == "aaaaaaaaaa\n  b")
    #expect(HelpText.wrap("") == "")
  }
}
