# Sourced by the programs beside it: the cores, the boards that stand for them in QEMU, and how
# firmware is built for them; library.sh builds the libraries. Needs bash; `root` is the project's
# folder.

cores=(cortex-m4 cortex-m0 rv32i)
hosts=(linux-x86_64 linux-arm64)
firmware=$root/tools/embedded/firmware

. "$root/tools/embedded/library.sh"

fail() {
  echo "${0##*/}: $1" >&2
  exit 1
}

# toolchain: sets clang, lld, objdump, nm, objcopy, ar to the tools beside swiftc.
toolchain() {
  local bin tool
  bin=$(command -v swiftc) || fail "swiftc not found; install Swift 6.3 or later"
  bin=$(dirname "$(readlink -f "$bin")")
  for tool in clang ld.lld llvm-objdump llvm-nm llvm-objcopy llvm-ar; do
    [ -x "$bin/$tool" ] || fail "$bin/$tool not found; install the whole Swift toolchain"
  done
  clang=$bin/clang lld=$bin/ld.lld objdump=$bin/llvm-objdump nm=$bin/llvm-nm
  objcopy=$bin/llvm-objcopy ar=$bin/llvm-ar
}

# select_core CORE: sets core, its platform (firmware, linux or wasm), triple, the compiler's
# core_flags, the flags of a like core that can multiply, those of the disassembler, GCC for it, the
# flags that give GCC a C library, and the core's boards.
select_core() {
  core=$1 platform=firmware core_flags=() multiplier_flags=() disassembler_flags=() library_flags=()
  case $core in
    cortex-m4)
      triple=armv7em-none-none-eabi
      core_flags=(-mcpu=cortex-m4 -mthumb -mfloat-abi=soft)
      multiplier_flags=("${core_flags[@]}")
      gcc=arm-none-eabi-gcc
      boards=(mps2)
      ;;
    cortex-m0)
      triple=armv6m-none-none-eabi
      core_flags=(-mcpu=cortex-m0 -mthumb -mfloat-abi=soft)
      multiplier_flags=("${core_flags[@]}")
      gcc=arm-none-eabi-gcc
      boards=(mps2 microbit)
      ;;
    rv32i)
      triple=riscv32-none-none-eabi
      core_flags=(-march=rv32i -mabi=ilp32)
      multiplier_flags=(-march=rv32im -mabi=ilp32)
      disassembler_flags=(--mattr=+m)
      gcc=riscv64-unknown-elf-gcc
      library_flags=(--specs=picolibc.specs)
      boards=(virt)
      ;;
    linux-x86_64)
      platform=linux triple=x86_64-unknown-none-elf
      gcc=x86_64-linux-gnu-gcc
      boards=(linux-x86_64)
      ;;
    linux-arm64)
      platform=linux triple=aarch64-none-none-elf
      gcc=aarch64-linux-gnu-gcc
      boards=(linux-arm64)
      ;;
    wasm32)
      platform=wasm triple=wasm32-unknown-none-wasm
      boards=(node)
      ;;
    *) fail "$core: not a core; there are ${cores[*]} ${hosts[*]} wasm32" ;;
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
    # A process, emulated where this machine has the other processor.
    linux-x86_64) select_process x86_64 /usr/x86_64-linux-gnu ;;
    linux-arm64) select_process aarch64 /usr/aarch64-linux-gnu ;;
    # A module that a program of Node fills and runs.
    node)
      board_sources=()
      emulator=(node)
      ;;
    *) fail "$board: not a board; there are mps2, microbit, virt, ${hosts[*]} and node" ;;
  esac
}

# select_process MACHINE LIBRARIES: select_board for processes of a machine as `uname -m` names it.
select_process() {
  board_sources=(linux.c)
  emulator=(env)
  [ "$(uname -m)" = "$1" ] || emulator=("qemu-$1" -L "$2")
}

# adderc, adderrun: print the path of the program: $ADDERC or $ADDERRUN, or the project's own, built if
# it is not yet.
adderc() { program adderc "${ADDERC:-}"; }
adderrun() { program adderrun "${ADDERRUN:-}"; }

program() {
  local bin
  if [ -n "$2" ]; then
    echo "$2"
    return
  fi
  bin=$(swift build -c release --package-path "$root" --show-bin-path)
  [ -x "$bin/$1" ] || {
    echo "building $1, which takes a few minutes" >&2
    swift build -c release --package-path "$root" --product "$1" >&2
  }
  echo "$bin/$1"
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

# compile_bundled_detector MODEL.adb: compiles the bundled detector of scenes.
compile_bundled_detector() {
  "$(adderc)" compile "$root/golden/models/scene-detector.safetensors" -o "$1" \
    --calibrate "$root/golden/images/scenes-calibration-32.npy" \
    --class-names "$root/golden/images/fashion-classes.txt" --quiet >/dev/null ||
    fail "the bundled detector does not compile"
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

# build_firmware COMPILER IMAGE LIBRARY-DIR SOURCES-AND-FLAGS...: compiles the sources, .c or .S,
# and links them with the selected board's start-up and the library. COMPILER is clang, with lld, or
# gcc, with GNU ld, which is what programs of Linux take.
build_firmware() {
  local compiler=$1 image=$2 library=$3 argument object objects=() sources=() flags=()
  shift 3
  for argument in "$@" "${board_sources[@]/#/$firmware/}" "$firmware/text.c"; do
    case $argument in
      *.c | *.S) sources+=("$argument") ;;
      *) flags+=("$argument") ;;
    esac
  done
  flags+=("${core_flags[@]}" -std=c11 -Os -ffunction-sections -fdata-sections -Wall -Wextra -Werror)
  local compile=("$clang" "--target=$triple")
  local link=("$lld" --gc-sections -L "$firmware" -T "$firmware/$board.ld")
  if [ "$compiler" = gcc ] || [ "$platform" = linux ]; then
    require_gcc
    compile=("$gcc")
    link=("$gcc" "${core_flags[@]}" -nostdlib -Wl,--gc-sections -L "$firmware"
      -T "$firmware/$board.ld")
  fi
  local libraries=("$library/libadder.a")
  if [ "$platform" = linux ]; then
    link=("$gcc")
  else
    flags+=(-ffreestanding -fno-stack-protector)
    libraries+=("$library/libadder-memory.a")
  fi
  mkdir -p "$image.objects"
  for argument in "${sources[@]}"; do
    object=$image.objects/${argument##*/}.o
    "${compile[@]}" "${flags[@]}" -I "$library" -I "$firmware" -c "$argument" -o "$object"
    objects+=("$object")
  done
  "${link[@]}" "${objects[@]}" "${libraries[@]}" -o "$image"
}

# require_gcc: fails where the selected core's GCC is not installed.
require_gcc() {
  command -v "$gcc" >/dev/null || fail "$gcc not found; tools/test embedded installs it"
}

# run_firmware IMAGE: runs an image on the selected board; the status is the program's.
run_firmware() {
  command -v "${emulator[0]}" >/dev/null ||
    fail "${emulator[0]} not found; tools/test embedded installs it"
  local status=0
  timeout 300 "${emulator[@]}" "$1" </dev/null || status=$?
  [ "$status" -ne 124 ] || fail "$core on $board: not done after 300 seconds"
  return "$status"
}
