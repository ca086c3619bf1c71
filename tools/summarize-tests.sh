#!/usr/bin/env bash
# Filters the output of `swift test`: keeps failures and the closing lines, and fails as it failed.
# Reads standard input; the pipe's own status is the caller's `set -o pipefail`.
grep --line-buffered -vE '^(◇|✔ (Suite|Test ["a-zA-Z`].* passed|Test .* with .* passed)|\[[0-9]+/[0-9]+\]|Test (Suite|Case))' || true
