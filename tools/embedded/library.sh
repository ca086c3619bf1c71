# Sourced by cores.sh: how libraries are built, made ready for linkers, and measured.

# The functions that compilers call for copies and zeros.
memory_functions='mem(cpy|move|set)|__aeabi_mem(cpy|move|set|clr)[48]?'

# declared_functions: prints the functions that adder.h declares.
declared_functions() {
  sed -nE 's/^adder_status (adder_[a-z_]+)\(.*/\1/p' "$root/Sources/CAdder/include/adder.h"
}

# build_library DIR [MACRO=VALUE]: writes adder.h and libadder.a of the selected core to DIR, for
# firmware libadder-memory.a, for Linux libadder.so, too, for wasm32 adder.wasm instead; built with a macro of
# CAdderCore.h: ADDER_OPERATIONS or ADDER_KERNELS.
build_library() {
  local dir=$1 scratch=$root/.build-$core log
  local flags=(-c release --package-path "$root" --triple "$triple"
    --toolset "$root/tools/toolsets/$core.json" --product adder)
  if [ -n "${2:-}" ]; then
    scratch=$scratch-${2/=/-}
    flags+=(-Xswiftc -Xcc -Xswiftc "-D$2" -Xcc "-D$2")
  fi
  local library=$scratch/$triple/release/libadder.a
  mkdir -p "$dir" "$scratch"
  # The archiver adds to an archive that is there, and keeps the objects of deleted files.
  rm -f "$library"
  log=$scratch/build.log
  swift build "${flags[@]}" --scratch-path "$scratch" >"$log" 2>&1 || {
    grep -E 'error:' "$log" >&2 || cat "$log" >&2
    fail "$core: the library does not build; all messages are in $log"
  }
  [ -s "$library" ] || fail "$core: swift build made no $library"
  case $platform in
    wasm) link_module "$library" "$dir/adder.wasm" ;;
    *) finish_library "$library" "$dir" ;;
  esac
  cp "$root/Sources/CAdder/include/adder.h" "$dir/adder.h"
}

# finish_library FROM DIR: makes of an archive of swift build what programs link. libadder.a has one
# object: what the functions of adder.h need, which are its only names, so that nothing in a program
# is replaced by it. libadder-memory.a has the memory functions of C under their own names, and
# libadder.so is libadder.a for programs of Linux that load it.
finish_library() {
  local work=$2/objects name flags=()
  rm -rf "$work" "$2/libadder.a" "$2/libadder-memory.a" "$2/libadder.so"
  mkdir -p "$work"
  # Swift marks module hashes and a function to be kept by every linker, but nothing needs them; and
  # in firmware nothing unwinds.
  "$objcopy" --wildcard --strip-debug --remove-section=.swift_modhash \
    --remove-section=.text._swift_exceptionPersonality --remove-section='.ARM.exidx*' \
    --remove-section='.rel.ARM.exidx*' --remove-section=.swift1_autolink_entries \
    --remove-section=.llvm_addrsig --remove-section=.linker-options --remove-section=.comment \
    "$1" "$work/all.a"
  for name in $(declared_functions); do flags+=(-u "$name"); done
  # Each section of its own: where those of equal names became one, such as OUTLINED_FUNCTION_1 of several
  # modules, a program would keep what one of them calls.
  "$lld" -r --unique --gc-sections --force-group-allocation "${flags[@]}" "$work/all.a" -o "$work/all.o"
  flags=(--wildcard '--keep-global-symbol=adder_*')
  [ "$platform" = linux ] || finish_firmware "$2"
  "$objcopy" "${flags[@]}" "$work/all.o" "$work/adder.o"
  "$ar" rcsD "$2/libadder.a" "$work/adder.o"
  # For programs that load it, such as Python; memory functions are those of the process.
  [ "$platform" != linux ] ||
    "$lld" -shared -soname libadder.so -z noexecstack "$work/adder.o" -o "$2/libadder.so"
  rm -r "$work"
}

# finish_firmware DIR: adds to objcopy's flags what a library without any other needs, and writes
# libadder-memory.a.
finish_firmware() {
  local name shared=()
  for name in $("$nm" --format=just-symbols "$work/all.o" | grep -E "^($memory_functions)\$"); do
    flags+=(--redefine-sym "$name=adder.$name")
  done
  # GNU ld warns where some objects have a stack note and others, such as those of
  # arm-none-eabi-gcc, have none.
  shared=(--remove-section=.note.GNU-stack)
  if [[ $triple = arm* ]]; then
    # The Arm build attributes name the floating-point and enumeration rules of the compiler's
    # target, and GNU ld refuses a firmware with others. The library has neither, and says so.
    printf '.syntax unified\n.thumb\n.eabi_attribute 24, 1\n.eabi_attribute 25, 1\n' |
      "$clang" "--target=$triple" "${core_flags[@]}" -c -x assembler - -o "$work/attributes.o"
    "$objcopy" "--dump-section=.ARM.attributes=$work/attributes" "$work/attributes.o"
    shared+=("--update-section=.ARM.attributes=$work/attributes")
  fi
  flags+=("${shared[@]}")
  (cd "$work" && "$ar" x all.a memory.c.o)
  "$objcopy" "${shared[@]}" "$work/memory.c.o" "$work/memory.o"
  "$ar" rcsD "$1/libadder-memory.a" "$work/memory.o"
}

# link_module FROM TO: makes of an archive of swift build a module that imports nothing and exports
# its memory, the functions of adder.h, the table of functions, and where free memory starts.
# Swift's module hashes, which depend on the folder, stay in a module; the toolset makes them zero.
link_module() {
  local name flags=() linker=${lld%/*}/wasm-ld
  [ -x "$linker" ] || fail "$linker not found; install the whole Swift toolchain"
  for name in $(declared_functions); do flags+=("--export=$name"); done
  # The stack lies below everything else, so that one that is too deep traps.
  "$linker" --no-entry --gc-sections --strip-all --stack-first --export=__heap_base --export-table \
    --growable-table "${flags[@]}" "$1" -o "$2"
}

# measure_library DIR: sets code, constants and undefined for what a linker keeps of the library
# in DIR for a program that initializes a model, fills its inputs, runs it and reads its outputs.
measure_library() {
  local image=$1/measured.elf messages=$1/measured.txt name size
  if [ "$platform" = wasm ]; then
    measure_module "$1/adder.wasm"
    return
  fi
  "$lld" --gc-sections --warn-unresolved-symbols -z norelro -e adder_init -u adder_run \
    -u adder_get_input -u adder_get_output "$1/libadder.a" -o "$image" 2>"$messages" || {
    cat "$messages" >&2
    fail "$core: the library does not link"
  }
  code=0 constants=0
  while read -r name size; do
    case $name in
      .text*) code=$((code + 0x$size)) ;;
      .rodata* | .srodata* | .data* | .sdata*) constants=$((constants + 0x$size)) ;;
    esac
  done < <("$objdump" -h "$image" | awk '$2 ~ /^\./ { print $2, $3 }')
  undefined=$(sed -n 's/.*undefined symbol: //p' "$messages" | LC_ALL=C sort -u | tr '\n' ' ')
  rm "$image" "$messages"
  [ "$code" -gt 1000 ] || fail "$core: only $code bytes of code linked"
}


# measure_module MODULE: the same for a module, for which the linker refuses undefined functions.
measure_module() {
  local name size
  code=0 constants=0 undefined=
  while read -r name size; do
    case $name in
      CODE) code=$((0x$size)) ;;
      DATA) constants=$((0x$size)) ;;
    esac
  done < <("$objdump" -h "$1" | awk '$1 ~ /^[0-9]/ { print $2, $3 }')
}
