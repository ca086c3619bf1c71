/// Sums of the elements that the signed digits of a convolution name, in two patches at once.
package protocol DigitKernel {
  /// The sums of an output channel, modulo 2³², from its first digit on, and where its digits end.
  static func sums<Element: FixedWidthInteger>(
    at digit: UnsafePointer<UInt16>, _ a: UnsafeMutablePointer<Element>,
    _ b: UnsafeMutablePointer<Element>
  ) -> (a: Int32, b: Int32, end: UnsafePointer<UInt16>)

  /// The same modulo 2⁶⁴.
  static func wideSums<Element: FixedWidthInteger>(
    at digit: UnsafePointer<UInt16>, _ a: UnsafeMutablePointer<Element>,
    _ b: UnsafeMutablePointer<Element>
  ) -> (a: Int64, b: Int64, end: UnsafePointer<UInt16>)
}
