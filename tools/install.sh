# Sourced by tools/test: installs Debian packages that are missing.

# adder_install COMMAND:PACKAGE...: installs the package of each command, or file, that is not there.
adder_install() {
  local need missing=() sudo=
  for need in "$@"; do
    [ -e "${need%:*}" ] || command -v "${need%:*}" >/dev/null || missing+=("${need#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  if ! command -v apt-get >/dev/null || { [ -n "$sudo" ] && ! command -v sudo >/dev/null; }; then
    echo "not installed, and apt-get or the rights to use it are missing: ${missing[*]}" \
      "(names of Debian packages)" >&2
    return 1
  fi
  echo "installing ${missing[*]}" >&2
  $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# adder_install_embedded: what tools/embedded/check needs: emulators, GCC and a C library for each
# core and for the processor of Linux that this machine has not, and Node.
adder_install_embedded() {
  local processes=(aarch64 arm64)
  [ "$(uname -m)" = x86_64 ] || processes=(x86_64 amd64)
  local machine=${processes[0]} libraries=libc6-dev-${processes[1]}-cross
  adder_install gcc:gcc qemu-system-arm:qemu-system-arm qemu-system-riscv32:qemu-system-misc \
    arm-none-eabi-gcc:gcc-arm-none-eabi \
    /usr/lib/arm-none-eabi/include/newlib.h:libnewlib-arm-none-eabi \
    riscv64-unknown-elf-gcc:gcc-riscv64-unknown-elf \
    /usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs:picolibc-riscv64-unknown-elf \
    "$machine-linux-gnu-gcc:gcc-${machine/_/-}-linux-gnu" \
    "/usr/$machine-linux-gnu/include/stdio.h:$libraries" "qemu-$machine:qemu-user" node:nodejs
}
