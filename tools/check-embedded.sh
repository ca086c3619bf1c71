#!/bin/sh
# Compiles ADBFormat and AdderRuntime as Embedded Swift without a heap for three microcontroller
# cores, and refuses any multiplication or division among the instructions or called helpers.
# Prints one line per core: the bytes of code and of read-only data that a linker keeps of an
# interpreter, and the functions that a firmware has to supply.
set -eu
cd "$(dirname "$0")/.."

toolchain=$(dirname "$(command -v swiftc)")
objdump=$toolchain/llvm-objdump
nm=$toolchain/llvm-nm
lld=$toolchain/ld.lld
for tool in "$objdump" "$nm" "$lld"; do
  [ -x "$tool" ] || { echo "check-embedded: $tool: not found beside swiftc" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

forbidden_instructions='mul|muls|mla|mls|umull|smull|umlal|smlal|umaal|smmul[r]?|smmla|smul[bt][bt]|smla[bt][bt]|smlal[bdt]*|smul?w[bt]|smu[as]dx?|smlad|mulh|mulhu|mulhsu|c\.mul|sdiv|udiv|div|divu|rem|remu'
forbidden_symbols='__(u|s)?(mul|div|mod|udiv|umod|divmod|udivmod)[a-z]*[0-9]|__aeabi_[a-z]*(mul|div|mod)'

# compile CORE TRIPLE FLAGS...: both modules, one object each.
compile() {
  core=$1
  triple=$2
  shift 2
  mkdir "$work/$core"
  for module in ADBFormat AdderRuntime; do
    # shellcheck disable=SC2046
    swiftc -target "$triple" "$@" -swift-version 6 -O -wmo -parse-as-library \
      -enable-experimental-feature Embedded -Xfrontend -no-allocations \
      -Xfrontend -function-sections -Xfrontend -disable-stack-protector \
      -Xcc -ffreestanding -package-name adder -module-name "$module" -I "$work/$core" \
      -emit-module -emit-module-path "$work/$core/$module.swiftmodule" \
      -c $(find "Sources/$module" -name '*.swift' | LC_ALL=C sort) -o "$work/$core/$module.o"
    [ -s "$work/$core/$module.o" ] || {
      echo "check-embedded: $core: no object file for $module" >&2
      exit 1
    }
  done
}

# multiplies LISTING: succeeds and prints the instructions if any multiplies or divides.
multiplies() {
  awk '/^[0-9a-f]+ </ { name = $2 } { print name, $0 }' "$1" \
    | grep -E ":[[:space:]]+($forbidden_instructions)(\.[nw]|eq|ne|hi|lo|hs|ls|[gl][te]|mi|pl)*[[:space:]]"
}

# control CORE TRIPLE FLAGS...: the checks have to find a product and a quotient put there.
control() {
  core=$1
  triple=$2
  shift 2
  echo 'public func f(_ a: UInt32, _ b: UInt32) -> UInt32 { (a &* b) ^ (a / (b | 1)) }' \
    >"$work/$core/Control.swift"
  swiftc -target "$triple" "$@" -O -wmo -parse-as-library -enable-experimental-feature Embedded \
    -module-name Control -c "$work/$core/Control.swift" -o "$work/$core/Control.o"
  "$objdump" -d --no-show-raw-insn --mattr=+m "$work/$core/Control.o" \
    >"$work/$core/control" 2>/dev/null
  "$nm" -u "$work/$core/Control.o" >>"$work/$core/control"
  multiplies "$work/$core/control" >"$work/$core/control-found" || true
  grep -E "$forbidden_symbols" "$work/$core/control" >>"$work/$core/control-found" || true
  [ "$(wc -l <"$work/$core/control-found")" -ge 2 ] || {
    echo "check-embedded: $core: a multiplication put there was not found" >&2
    exit 1
  }
}

# report CORE DISASSEMBLER-FLAGS...: refuses products and quotients, prints the sizes.
report() {
  core=$1
  shift
  "$objdump" -d --no-show-raw-insn "$@" "$work/$core/ADBFormat.o" "$work/$core/AdderRuntime.o" \
    >"$work/$core/listing"
  instructions=$(grep -cE '^ *[0-9a-f]+:' "$work/$core/listing" || true)
  [ "$instructions" -gt 1000 ] || {
    echo "check-embedded: $core: only $instructions instructions disassembled" >&2
    exit 1
  }
  if multiplies "$work/$core/listing" >"$work/$core/found"; then
    echo "check-embedded: $core: multiplies or divides:" >&2
    head -20 "$work/$core/found" >&2
    exit 1
  fi
  "$nm" -u "$work/$core/ADBFormat.o" "$work/$core/AdderRuntime.o" >"$work/$core/undefined"
  if grep -E "$forbidden_symbols" "$work/$core/undefined" >&2; then
    echo "check-embedded: $core: calls the helper above" >&2
    exit 1
  fi
  # Both objects carry copies of what they share; the size that counts is what a linker keeps of
  # an interpreter's two entry points.
  "$nm" "$work/$core/AdderRuntime.o" | awk '$2 == "T" { print $3 }' >"$work/$core/defined"
  roots=$(grep -E '11InterpreterV(3runyyF|5image5arena.*cfC)$' "$work/$core/defined")
  [ "$(echo "$roots" | wc -l)" -eq 2 ] || {
    echo "check-embedded: $core: entry points not found: $roots" >&2
    exit 1
  }
  # shellcheck disable=SC2046
  "$lld" --gc-sections --warn-unresolved-symbols -z norelro -Ttext=0x10000 \
    -e "$(echo "$roots" | head -1)" $(echo "$roots" | sed 's/^/-u /') \
    "$work/$core/ADBFormat.o" "$work/$core/AdderRuntime.o" -o "$work/$core/linked" 2>"$work/$core/linker"
  code=0
  data=0
  "$objdump" -h "$work/$core/linked" | awk '$2 == ".text" { print "code", $3 }
    $2 ~ /^\.(rodata|data)/ { print "data", $3 }' >"$work/$core/sizes"
  while read -r kind size; do
    if [ "$kind" = code ]; then code=$((code + 0x$size)); else data=$((data + 0x$size)); fi
  done <"$work/$core/sizes"
  [ "$code" -gt 1000 ] || { echo "check-embedded: $core: nothing linked" >&2; exit 1; }
  needs=$(sed -n 's/.*undefined symbol: //p' "$work/$core/linker" | LC_ALL=C sort -u | tr '\n' ' ')
  echo "$core: $code bytes of code, $data of constants; none of $instructions instructions" \
    "multiplies or divides; undefined: $needs"
}

check() {
  compile "$@"
  control "$@"
}

check cortex-m4 armv7em-none-none-eabi -Xcc -mcpu=cortex-m4 -Xcc -mthumb
report cortex-m4
check cortex-m0 armv6m-none-none-eabi -Xcc -mcpu=cortex-m0 -Xcc -mthumb
report cortex-m0
check rv32i riscv32-none-none-eabi -Xcc -march=rv32i -Xcc -mabi=ilp32
report rv32i --mattr=+m
