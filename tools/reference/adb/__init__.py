"""Reads, writes and runs `.adb` files, written from docs/adb-format.md and docs/arithmetic.md."""
