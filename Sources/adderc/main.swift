import CommandLineSupport
import Foundation

exit(
  CommandLineSupport.Program(
    name: "adderc", version: "0.1.0",
    summary: "compile networks without multiplications for integer-only machines",
    commands: [compileCommand, verifyCommand]
  ).run(Array(CommandLine.arguments.dropFirst())).rawValue)
