#!/usr/bin/env bash
# Filters the output of `swift test` on standard input: keeps failures, crashes and the closing line.
# Whether the tests failed is the status of `swift test` itself, which a caller with `pipefail` gets.
grep --line-buffered -E '^(✘|±|✔ Test run )|Fatal error|error: |unexpected signal|crashed' || true
