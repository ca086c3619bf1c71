import AdderHost
import CommandLineSupport
import Foundation

exit(
  CommandLineSupport.Program(version: adderVersion, command: runCommand)
    .run(Array(CommandLine.arguments.dropFirst())).rawValue)
