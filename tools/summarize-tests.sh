#!/usr/bin/env bash
# Filters the output of `swift test` on standard input: drops the lines of tests that passed, keeps
# failures and the closing lines. Whether the tests failed is the status of `swift test` itself,
# which a caller with `pipefail` gets.
grep --line-buffered -vE '^(◇|✔ Suite |✔ Test [^r]|✔ Test r[^u]|\[[0-9]+/[0-9]+\]|Test (Suite|Case))' || true
