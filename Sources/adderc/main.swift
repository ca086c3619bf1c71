import AdderHost
import CommandLineSupport
import Foundation

exit(
  CommandLineSupport.Program(
    name: "adderc", version: adderVersion,
    summary: "compile networks without multiplications for integer-only machines",
    commands: [
      compileCommand, inspectCommand, verifyCommand, emitCCommand, estimateCommand, targetsCommand,
      architecturesCommand,
      supportedOpsCommand, skeletonCommand,
    ]
  ).run(Array(CommandLine.arguments.dropFirst())).rawValue)
