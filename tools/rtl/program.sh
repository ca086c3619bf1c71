# Sourced by what builds programs for simulator.cpp, behind tools/embedded/cores.sh.

# build_program IMAGE LIBRARY-DIR SOURCES-AND-FLAGS...: compiles the sources for the selected core
# and links them with the board's start-up and the library.
build_program() {
  local image=$1 library=$2
  shift 2
  "$clang" "--target=$triple" "${core_flags[@]}" -std=c11 -Os -ffreestanding -fno-stack-protector \
    -ffunction-sections -fdata-sections -Wall -Wextra -Werror -nostdlib -fuse-ld=lld \
    "--ld-path=$lld" -Wl,--gc-sections -T "$root/tools/rtl/link.ld" -I "$firmware" -I "$library" \
    "$@" "$root/tools/rtl/board.c" "$firmware/text.c" "$library/libadder.a" \
    "$library/libadder-memory.a" -o "$image"
}
