import CommandLineSupport
import Testing

@Suite struct NumPyHeaderTests {
  @Test(
    "reads every way to write the same dictionary",
    arguments: [
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }          \n",
      "{'descr':'<i2','fortran_order':False,'shape':(2,1)}",
      "{\"shape\": (2, 1,), \"fortran_order\": False, \"descr\": \"<i2\"}",
      "  { 'shape' : ( 2 , 1 ) ,\n 'descr' : '<i2' , 'fortran_order' : False , } ",
    ])
  func accepted(header: String) throws {
    let array = try NumPyArray(npy: numPyFile(header, [1, 2, 3, 4]), named: "x.npy")
    #expect(array == NumPyArray(.int16, shape: [2, 1], bytes: [1, 2, 3, 4]))
  }

  // Byte offsets count from the beginning of the file; the dictionary starts at byte 10.
  @Test(
    "refuses everything else, with the place",
    arguments: [
      ("", "header, byte 10: expected '{'"),
      ("[]", "header, byte 10: expected '{'"),
      ("{", "header, byte 11: expected '''"),
      ("{}", "header, byte 12: expected the keys 'descr', 'fortran_order' and 'shape'"),
      (
        "{'descr': '<i2', 'shape': (4,)}",
        "header, byte 41: expected the keys 'descr', 'fortran_order' and 'shape'"
      ),
      (
        "{'descr': '<i2', 'descr': '<i2'}",
        "header, byte 27: expected the keys 'descr', 'fortran_order' and 'shape', each once"
      ),
      (
        "{'size': 4}",
        "header, byte 11: expected the keys 'descr', 'fortran_order' and 'shape', each once"
      ),
      ("{'descr' '<i2'}", "header, byte 19: expected ':'"),
      ("{'descr': '<i2}", "header, byte 21: expected a quoted string in ASCII"),
      ("{'descr': '<\\x69'}", "header, byte 21: expected a quoted string in ASCII"),
      ("{'descr': '<ï2'}", "header, byte 21: expected a quoted string in ASCII"),
      ("{'descr': __import__('os')}", "header, byte 20: expected '''"),
      ("{'fortran_order': 0}", "header, byte 28: expected True or False"),
      ("{'shape': 4}", "header, byte 20: expected '('"),
      ("{'shape': (4)}", "header, byte 22: expected ','"),
      ("{'shape': (4, -1)}", "header, byte 24: expected an extent from 0 to 9223372036854775807"),
      ("{'shape': (,)}", "header, byte 21: expected an extent from 0 to 9223372036854775807"),
      (
        "{'shape': (99999999999999999999,)}",
        "header, byte 21: expected an extent from 0 to 9223372036854775807"
      ),
      ("{'shape': (4 4)}", "header, byte 23: expected ','"),
      ("{'shape': (4, 4 4)}", "header, byte 26: expected ')'"),
      ("{'descr': '<i2' 'shape': (4,)}", "header, byte 26: expected '}'"),
      (
        "{'descr': '|u1', 'fortran_order': False, 'shape': (0,)} x",
        "header, byte 66: expected the end of the header"
      ),
    ])
  func refused(header: String, expected: String) {
    #expect(
      message(.malformed) { _ = try NumPyArray(npy: numPyFile(header, []), named: "x.npy") }
        == "x.npy: " + expected)
  }
}
