import AdderTestSupport
import Foundation

/// The object that a program printed; standard output must hold nothing else.
func jsonObject(_ result: ProgramResult) throws -> [String: Any] {
  let value = try JSONSerialization.jsonObject(with: Data(result.outputBytes))
  guard let object = value as? [String: Any] else {
    throw CocoaError(.propertyListReadCorrupt)
  }
  return object
}
