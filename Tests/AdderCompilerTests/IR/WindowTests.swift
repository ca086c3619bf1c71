import AdderCompiler
import Testing

@Suite struct WindowTests {
  @Test func `a square window repeats its numbers`() {
    let window = Window(kernel: 3, stride: 2, padding: 1, dilation: 4)
    #expect(window.kernelHeight == 3 && window.kernelWidth == 3)
    #expect(window.strideHeight == 2 && window.strideWidth == 2)
    #expect(window.dilationHeight == 4 && window.dilationWidth == 4)
    #expect(window.padding == Padding(top: 1, left: 1, bottom: 1, right: 1))
    #expect(!window.padding.isZero && Window(kernel: 3).padding.isZero)
  }
}
