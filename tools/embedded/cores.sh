# Sourced by the programs beside it: the cores, the boards that stand for them in QEMU, and how
# libraries and firmware are built for them. Needs bash; `root` is the project's folder.

cores=(cortex-m4 cortex-m0 rv32i)
firmware=$root/tools/embedded/firmware

fail() {
  echo "${0##*/}: $1" >&2
  exit 1
}

# toolchain: sets clang, lld, objdump, nm, objcopy to the tools beside swiftc.
toolchain() {
  local bin tool
  bin=$(command -v swiftc) || fail "swiftc not found; install Swift 6.3 or later"
  bin=$(dirname "$(readlink -f "$bin")")
  for tool in clang ld.lld llvm-objdump llvm-nm; do
    [ -x "$bin/$tool" ] || fail "$bin/$tool not found; install the whole Swift toolchain"
  done
  clang=$bin/clang lld=$bin/ld.lld objdump=$bin/llvm-objdump nm=$bin/llvm-nm
  objcopy=$bin/llvm-objcopy
}

# select_core CORE: sets core, triple, the compiler's core_flags, the flags of a like core that can
# multiply, those of the disassembler, and the core's boards.
select_core() {
  core=$1 disassembler_flags=()
  case $core in
    cortex-m4)
      triple=armv7em-none-none-eabi
      core_flags=(-mcpu=cortex-m4 -mthumb -mfloat-abi=soft)
      multiplier_flags=("${core_flags[@]}")
      boards=(mps2)
      ;;
    cortex-m0)
      triple=armv6m-none-none-eabi
      core_flags=(-mcpu=cortex-m0 -mthumb -mfloat-abi=soft)
      multiplier_flags=("${core_flags[@]}")
      boards=(mps2 microbit)
      ;;
    rv32i)
      triple=riscv32-none-none-eabi
      core_flags=(-march=rv32i -mabi=ilp32)
      multiplier_flags=(-march=rv32im -mabi=ilp32)
      disassembler_flags=(--mattr=+m)
      boards=(virt)
      ;;
    *) fail "$core: not a core; there are ${cores[*]}" ;;
  esac
}

# select_board BOARD: sets board, its sources and emulator, the command that runs an image. All
# boards of one core run the same library.
select_board() {
  board=$1
  local console=(-display none -monitor none -serial none -chardev stdio,id=console
    -semihosting-config "enable=on,target=native,chardev=console")
  case $board in
    # Both Arm cores' code runs on this board's Cortex-M4, whose timer counts instructions.
    mps2)
      board_sources=(cortex-m.c mps2.c)
      emulator=(qemu-system-arm -M mps2-an386 "${console[@]}" -icount shift=6 -kernel)
      ;;
    microbit)
      board_sources=(cortex-m.c microbit.c)
      emulator=(qemu-system-arm -M microbit "${console[@]}" -kernel)
      ;;
    # A core with the base instructions alone; any other is an illegal instruction.
    virt)
      board_sources=(virt.c)
      emulator=(qemu-system-riscv32 -M virt -cpu "rv32,m=false,a=false,c=false,f=false,d=false"
        -bios none -display none -monitor none -serial stdio -icount shift=0 -kernel)
      ;;
    *) fail "$board: not a board; there are mps2, microbit and virt" ;;
  esac
}

# adderc: prints the path of the compiler: $ADDERC, or the project's own, built if it is not yet.
adderc() {
  local bin
  if [ -n "${ADDERC:-}" ]; then
    echo "$ADDERC"
    return
  fi
  bin=$(swift build -c release --package-path "$root" --show-bin-path)
  [ -x "$bin/adderc" ] || {
    echo "building adderc, which takes a few minutes" >&2
    swift build -c release --package-path "$root" --product adderc >&2
  }
  echo "$bin/adderc"
}

# print_help: prints the comment at the head of the program.
print_help() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p;}' "$0"; }

# compile_bundled_model MODEL.adb: compiles the bundled checkpoint.
compile_bundled_model() {
  "$(adderc)" compile "$root/golden/models/fashion-lenet5.pt" -o "$1" --mean .2860 --std .3530 \
    --calibrate "$root/golden/images/fashion-calibration-256.npy" \
    --class-names "$root/golden/images/fashion-classes.txt" --quiet >/dev/null ||
    fail "the bundled checkpoint does not compile"
}

# emit_model MODEL.adb DIR [IMAGES.npy COUNT]: writes the model as C, with the outputs of images.
emit_model() {
  local vectors=()
  [ $# -lt 4 ] || vectors=(--vectors "$3" --count "$4")
  "$(adderc)" emit-c "$1" -o "$2" --prefix model "${vectors[@]}" --quiet >/dev/null ||
    fail "$1: no C made of it"
}

# model_operations MODEL.adb: prints the bit mask of the model's operations.
model_operations() {
  local work mask
  work=$(mktemp -d)
  emit_model "$1" "$work"
  mask=$(awk '$2 == "MODEL_OPERATIONS" { print $3 }' "$work/model.h")
  rm -r "$work"
  [ -n "$mask" ] || fail "$1: its operations are not in the C made of it"
  echo "${mask%[uU]}"
}

# absolute_differences MODEL.adb: prints how many an image takes.
absolute_differences() {
  local count
  count=$("$(adderc)" inspect "$1" --json | sed -n 's/^ *"absolute_differences": \([0-9]*\).*/\1/p')
  [ -n "$count" ] || fail "$1: adderc inspect names no absolute differences"
  echo "$count"
}

# build_library DIR [MACRO=VALUE]: writes libadder.a and adder.h of the selected core to DIR, built
# with a macro of CAdderCore.h: ADDER_OPERATIONS or ADDER_KERNELS.
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
  if [ -x "$objcopy" ]; then
    strip_library "$library" "$dir/libadder.a"
  else
    cp "$library" "$dir/libadder.a"
  fi
  cp "$root/Sources/CAdder/include/adder.h" "$dir/adder.h"
}

# strip_library FROM TO: copies a library without what makes linkers keep bytes or complain.
strip_library() {
  # Swift marks its module hashes to be kept by every linker, but nothing reads them. GNU ld warns
  # where some objects have a stack note and others, such as those of arm-none-eabi-gcc, have none.
  local flags=(--strip-debug --remove-section=.swift_modhash --remove-section=.note.GNU-stack)
  if [[ $triple = arm* ]]; then
    # The Arm build attributes name the floating-point and enumeration rules of the compiler's
    # target, and GNU ld refuses a firmware with others. The library has neither, and says so.
    printf '.syntax unified\n.thumb\n.eabi_attribute 24, 1\n.eabi_attribute 25, 1\n' |
      "$clang" "--target=$triple" "${core_flags[@]}" -c -x assembler - -o "$2.attributes.o"
    "$objcopy" "--dump-section=.ARM.attributes=$2.attributes" "$2.attributes.o" "$2.attributes.o"
    flags+=("--update-section=.ARM.attributes=$2.attributes")
  fi
  "$objcopy" "${flags[@]}" "$1" "$2"
  rm -f "$2.attributes" "$2.attributes.o"
}

# measure_library DIR: sets code, constants and undefined for what a linker keeps of the library
# in DIR for a program that initializes a model, fills its inputs, runs it and reads its outputs.
measure_library() {
  local image=$1/measured.elf messages=$1/measured.txt name size
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

# build_firmware COMPILER IMAGE LIBRARY-DIR SOURCES-AND-FLAGS...: compiles the sources, .c or .S,
# and links them with the selected board's start-up and the library. COMPILER is clang, with lld, or
# gcc, with GNU ld.
build_firmware() {
  local compiler=$1 image=$2 library=$3 argument object objects=() sources=() flags=()
  shift 3
  for argument in "$@" "${board_sources[@]/#/$firmware/}" "$firmware/text.c"; do
    case $argument in
      *.c | *.S) sources+=("$argument") ;;
      *) flags+=("$argument") ;;
    esac
  done
  local compile=("$clang" "--target=$triple") link=("$lld")
  if [ "$compiler" = gcc ]; then
    [ "${triple#arm}" != "$triple" ] || fail "$core: GCC is used for the Arm cores only"
    command -v arm-none-eabi-gcc >/dev/null ||
      fail "arm-none-eabi-gcc not found; apt-get install gcc-arm-none-eabi"
    compile=(arm-none-eabi-gcc) link=(arm-none-eabi-ld)
  fi
  mkdir -p "$image.objects"
  for argument in "${sources[@]}"; do
    object=$image.objects/${argument##*/}.o
    "${compile[@]}" "${core_flags[@]}" -std=c11 -Os -ffreestanding -fno-stack-protector \
      -ffunction-sections -fdata-sections -Wall -Wextra -Werror \
      -I "$library" -I "$firmware" "${flags[@]}" -c "$argument" -o "$object"
    objects+=("$object")
  done
  "${link[@]}" --gc-sections -L "$firmware" -T "$firmware/$board.ld" "${objects[@]}" \
    "$library/libadder.a" -o "$image"
}

# run_firmware IMAGE: runs an image on the selected board; the status is the program's.
run_firmware() {
  command -v "${emulator[0]}" >/dev/null ||
    fail "${emulator[0]} not found; apt-get install qemu-system-arm qemu-system-misc"
  local status=0
  timeout 300 "${emulator[@]}" "$1" </dev/null || status=$?
  [ "$status" -ne 124 ] || fail "$core on $board: not done after 300 seconds"
  return "$status"
}
