# Sourced by check: looks in disassemblies for what must not be there, and in libraries for names.

# The instructions of Arm, RISC-V and x86-64 that multiply, divide or compute in floating point.
forbidden_firmware='muls?|ml[as]|[us]m(ul|la)l|umaal|smm(ul|la|ls)r?|sm(ul|la|lal)[bt][bt]|sm(ul|la)w[bt]|sm[lu][as]l?dx?|mulh(s?u)?|c\.mul|[us]div|divu?|remu?|v[a-z0-9.]+|f[a-z]+\.[sd].*'
forbidden_x86_64='i?mul[bwlqx]?|i?div[bwlq]?|v?p(c?l?mul|madd)[a-z0-9]*|v?(mul|div|add|sub|sqrt|dp|rcp|rsqrt|min|max|hadd|hsub|addsub)[sp][sdh]|v?cvt[a-z0-9]*|vfn?m[a-z0-9]*|u?comis[sd]|f[a-z0-9]+'
forbidden_arm64='mul|madd|msub|mneg|ml[as]|[us]mn?(ul|ad|su|ne)[a-z]*|[us]mull?2?|[us]ml[as]l2?|[us]mulh|[us]div|p?mull?2?|sqr?d?ml?[a-z0-9]*|[us]u?dot|f([a-ln-z]|m[a-np-z])[a-z0-9]*|[us]cvtf'
forbidden_wasm='i(32|64)\.(mul|div_[su]|rem_[su])|f(32|64)\.(abs|neg|ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|copysign|convert.*|demote.*|promote.*|eq|ne|lt|gt|le|ge)|[if][0-9]+x[0-9]+\..*|v128\..*'
forbidden_functions='__(u|s)?(mul|div|mod|udiv|umod|divmod|udivmod)[a-z]*[0-9]|__aeabi_[a-z]*(mul|div|mod)|__aeabi_[fd]'

# forbidden IMAGE: prints the instructions and functions of an image, object or archive that must not
# be.
forbidden() {
  local instructions=$forbidden_firmware conditions='(\.[nw]|eq|ne|hi|lo|hs|ls|[gl][te]|mi|pl)'
  case $core in
    linux-x86_64) instructions=$forbidden_x86_64 ;;
    linux-arm64) instructions=$forbidden_arm64 ;;
    wasm32) instructions=$forbidden_wasm ;;
  esac
  "$objdump" -d --no-show-raw-insn "${disassembler_flags[@]}" "$1" >"$1.listing"
  awk '/^[0-9a-f]+ </ { name = $2 } { print name, $0 }' "$1.listing" |
    grep -E " [0-9a-f]+:[[:space:]]+($instructions)$conditions*([[:space:]]|$)" || true
  # A module has no names, and no functions but its own.
  [ "$platform" = wasm ] || "$nm" "$1" | grep -E "$forbidden_functions" || true
}

# check_control FOLDER: the search has to find a product and a quotient that are put there, both as
# instructions and as calls where the core has none; outside of firmware of floating point, too.
check_control() {
  local flags found least=2
  echo 'unsigned f(unsigned a, unsigned b) { return a * b ^ a / (b | 1); }' >"$1/control.c"
  if [ "$platform" != firmware ]; then
    echo 'float g(float a, float b) { return a * b / (a + b); }' >>"$1/control.c"
    least=5
  fi
  for flags in "${core_flags[*]}" "${multiplier_flags[*]}"; do
    # shellcheck disable=SC2086
    "$clang" "--target=$triple" $flags -O2 -c "$1/control.c" -o "$1/control.o"
    found=$(forbidden "$1/control.o" | wc -l)
    [ "$found" -ge "$least" ] ||
      fail "$core: a product and a quotient put there ($flags) were not found"
  done
}

# check_instructions IMAGE: refuses what must not be; sets instruction_count.
check_instructions() {
  local found count
  found=$(forbidden "$1")
  count=$(grep -cE '^ *[0-9a-f]+:' "$1.listing" || true)
  [ "$count" -gt 5000 ] || fail "$core: ${1##*/}: only $count instructions disassembled"
  if [ -n "$found" ]; then
    echo "$found" | head -20 >&2
    fail "$core: ${1##*/}: the above multiplies, divides or computes in floating point"
  fi
  instruction_count=$count
  check_writeback "$1"
}

# check_writeback IMAGE: refuses a defect of the compiler on Arm. Where a method's last use of self,
# which Swift passes in r10, loads several fields at its start, the load moves r10 behind them, and
# the function does not restore it for its caller. Another order of the fields avoids the load.
check_writeback() {
  local found
  found=$(awk '/^[0-9a-f]+ </ { name = $2; saves = name ~ /model_data|golden/ }
    /push/ && /r10/ { saves = 1 }
    !saves && (/r10!/ || /\[r10\], #/ || /\[r10, [^]]*\]!/) { print name, $0 }' "$1.listing")
  [ -z "$found" ] || fail "$core: ${1##*/}: writeback changes the caller's r10: $found"
}

# names ARCHIVE FLAGS...: prints the names of an archive in one line.
names() {
  local archive=$1
  shift
  "$nm" --format=just-symbols --quiet "$@" "$archive" | sed '/^$/d; /:$/d' |
    LC_ALL=C sort -u | tr '\n' ' '
}

# check_exports MODULE: a module imports nothing, and gives the functions of adder.h, its memory, its
# table of functions and the start of free memory.
check_exports() {
  local expected found
  expected="0 imports $({ declared_functions; echo __heap_base __indirect_function_table memory; } |
    tr ' ' '\n' | LC_ALL=C sort | tr '\n' ' ')"
  found=$(node -p 'const m = new WebAssembly.Module(fs.readFileSync(process.argv[1]));
    WebAssembly.Module.imports(m).length + " imports "
      + WebAssembly.Module.exports(m).map(e => e.name).sort().join(" ") + " "' "$1")
  [ "$found" = "$expected" ] || fail "$core: ${1##*/}: $found; expected $expected"
}

# check_names DIR: the names that a library gives to a program are the functions of adder.h, and it
# takes none, on Linux the memory functions of C; libadder-memory.a gives these alone, weak.
check_names() {
  local declared given taken
  declared=$(declared_functions | LC_ALL=C sort | tr '\n' ' ')
  given=$(names "$1/libadder.a" --extern-only --defined-only)
  [ "$given" = "$declared" ] || fail "$core: libadder.a has the names $given; adder.h $declared"
  taken=$(names "$1/libadder.a" --undefined-only)
  if [ "$platform" = linux ]; then
    taken=$(tr ' ' '\n' <<<"$taken" | grep -vE "^($memory_functions)?\$" || true)
  else
    given=$("$nm" --extern-only --defined-only --quiet "$1/libadder-memory.a" |
      grep -vE "^\$|:\$| W ($memory_functions)\$" || true)
    [ -z "$given" ] ||
      fail "$core: libadder-memory.a has names that are not weak or not C's: $given"
    taken+=$(names "$1/libadder-memory.a" --undefined-only)
  fi
  [ -z "${taken// /}" ] || fail "$core: a program would have to supply $taken"
}
