#!/bin/sh
# Runs golden/vectors on the Embedded Swift build without a heap, with 32-bit integers: the code of
# a microcontroller as a program of this machine. Needs x86 Linux that runs 32-bit programs.
set -eu
cd "$(dirname "$0")/.."

toolchain=$(dirname "$(command -v swiftc)")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

set -- golden/vectors/*.vectors
[ -e "$1" ] || { echo "check-embedded-vectors: golden/vectors: no .vectors file" >&2; exit 1; }
cat "$@" >"$work/vectors"

# compile MODULE FILES...: one object as Embedded Swift for 32-bit x86.
compile() {
  module=$1
  shift
  swiftc -target i686-unknown-none-elf -swift-version 6 -O -wmo -parse-as-library \
    -enable-experimental-feature Embedded -Xfrontend -no-allocations \
    -Xfrontend -function-sections -Xfrontend -disable-stack-protector -Xcc -ffreestanding \
    -package-name adder -module-name "$module" -I "$work" \
    -emit-module -emit-module-path "$work/$module.swiftmodule" -c "$@" -o "$work/$module.o"
}

# shellcheck disable=SC2046
compile ADBFormat $(find Sources/ADBFormat -name '*.swift' | LC_ALL=C sort)
# shellcheck disable=SC2046
compile AdderRuntime $(find Sources/AdderRuntime -name '*.swift' | LC_ALL=C sort)
compile RunVector tools/embedded/RunVector.swift
printf '.section .rodata\n.globl vectors, vectors_end\nvectors: .incbin "%s"\nvectors_end:\n' \
  "$work/vectors" >"$work/data.s"
"$toolchain/clang" --target=i686-linux-gnu -c "$work/data.s" -o "$work/data.o"
"$toolchain/clang" --target=i686-linux-gnu -O1 -Wall -Wextra -ffreestanding -fno-builtin \
  -fno-stack-protector -fno-pic -c tools/embedded/run_vectors.c -o "$work/main.o"
"$toolchain/ld.lld" --gc-sections -static -e _start "$work/main.o" "$work/data.o" \
  "$work/RunVector.o" "$work/AdderRuntime.o" "$work/ADBFormat.o" -o "$work/run"
if "$work/run" >"$work/result"; then
  echo "embedded, 32 bits: $(head -1 "$work/result") golden cases agree"
else
  echo "check-embedded-vectors: cases and failures: $(tr '\n' ' ' <"$work/result")" >&2
  exit 1
fi
