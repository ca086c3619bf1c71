// Runs a program on a Verilated core, cycle by cycle, with an ideal memory: every request is taken
// in its cycle and answered in the next one. Instructions and data have a port each where the core
// has two, and never wait for each other.
//
//   CORE [--cycles LIMIT] PROGRAM.elf
//
// The memory map, the same for every core:
//   0x00000000  4 MiB of RAM, zero where the program puts nothing; programs start at 0x80
//   0x10000000  a write prints its low byte
//   0x20000000  a write ends the program with that exit status (above 124: 124)
//   0x30000000  a read gives the number of cycles since reset, modulo 2^32
//
// The console is the standard output; the standard error gets the total of cycles. What is wrong
// with the program itself ends the simulator with status 125: no RISC-V ELF file for this memory,
// an access outside the map, a trap, more than LIMIT cycles (default 20,000,000,000).

#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "Vcore.h"

namespace {

constexpr uint32_t memoryBytes = 4 << 20;
constexpr uint32_t startAddress = 0x80;
constexpr uint32_t consoleAddress = 0x10000000;
constexpr uint32_t exitAddress = 0x20000000;
constexpr uint32_t counterAddress = 0x30000000;
constexpr int resetCycles = 16;
constexpr int failureStatus = 125;

const char *coreName = "core";

// One line on the standard error, then the end.
[[noreturn]] __attribute__((format(printf, 1, 2))) void fail(const char *format, ...) {
  fflush(stdout);
  fprintf(stderr, "%s: ", coreName);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(failureStatus);
}

// The bytes of the file at `path`.
std::vector<uint8_t> readFile(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail("%s: %s", path, strerror(errno));
  std::vector<uint8_t> bytes;
  uint8_t block[65536];
  while (size_t count = fread(block, 1, sizeof block, file))
    bytes.insert(bytes.end(), block, block + count);
  if (ferror(file)) fail("%s: cannot be read", path);
  fclose(file);
  return bytes;
}

// The memory's words after loading the 32-bit little-endian RISC-V ELF file at `path`.
std::vector<uint32_t> loadProgram(const char *path) {
  const std::vector<uint8_t> file = readFile(path);
  auto field = [&](uint64_t offset, int bytes) {
    if (offset + bytes > file.size()) fail("%s: ends inside its headers", path);
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++) value |= uint32_t(file[offset + i]) << 8 * i;
    return value;
  };
  if (field(0, 4) != 0x464c457f) fail("%s: not an ELF file", path);
  if (field(4, 1) != 1 || field(5, 1) != 1 || field(16, 2) != 2 || field(18, 2) != 243)
    fail("%s: not a 32-bit RISC-V executable", path);
  if (field(24, 4) != startAddress)
    fail("%s: starts at 0x%" PRIx32 ", not at 0x%" PRIx32 ": link it with tools/rtl/link.ld", path,
         field(24, 4), startAddress);

  std::vector<uint32_t> memory(memoryBytes / 4);
  const uint64_t headers = field(28, 4);
  const uint32_t headerBytes = field(42, 2), headerCount = field(44, 2);
  for (uint32_t i = 0; i < headerCount; i++) {
    const uint64_t header = headers + uint64_t(i) * headerBytes;
    constexpr uint32_t loadable = 1;
    if (field(header, 4) != loadable) continue;
    const uint64_t offset = field(header + 4, 4), address = field(header + 12, 4);
    const uint64_t fileBytes = field(header + 16, 4), bytes = field(header + 20, 4);
    if (fileBytes > bytes || offset + fileBytes > file.size())
      fail("%s: segment %" PRIu32 " is longer than the file", path, i);
    if (address + bytes > memoryBytes)
      fail("%s: segment %" PRIu32 " ends at 0x%" PRIx64 ", behind the memory's 0x%" PRIx32 " bytes",
           path, i, address + bytes, memoryBytes);
    for (uint64_t k = 0; k < fileBytes; k++)
      memory[(address + k) / 4] |= uint32_t(file[offset + k]) << 8 * ((address + k) % 4);
  }
  return memory;
}

// The memory and the devices behind a core's ports.
class Machine {
 public:
  explicit Machine(std::vector<uint32_t> memory) : memory(std::move(memory)) {}

  uint64_t cycle = 0;
  bool ended = false;
  uint32_t status = 0;

  // The instruction at `address`. Nothing is there below the start: that is where Ibex goes with an
  // exception and where calls of null pointers go.
  uint32_t fetch(uint32_t address) const {
    if (address < startAddress)
      fail("exception or jump to 0x%" PRIx32 " at cycle %" PRIu64, address, cycle);
    // A core may fetch ahead of a jump at the very end; it traps if it executes what is not there.
    return address < memoryBytes ? memory[address / 4] : 0;
  }

  uint32_t read(uint32_t address) const {
    if (address < memoryBytes) return memory[address / 4];
    if (address == counterAddress) return uint32_t(cycle);
    fail("read of 0x%" PRIx32 ", where nothing is, at cycle %" PRIu64, address, cycle);
  }

  // Writes the bytes of `value` whose bits are set in `strobe`.
  void write(uint32_t address, uint32_t value, uint32_t strobe) {
    if (address < memoryBytes) {
      uint32_t mask = 0;
      for (int i = 0; i < 4; i++) mask |= strobe >> i & 1 ? 0xffu << 8 * i : 0;
      uint32_t &word = memory[address / 4];
      word = (word & ~mask) | (value & mask);
    } else if (address == consoleAddress) {
      putchar(int(value & 0xff));
    } else if (address == exitAddress) {
      ended = true;
      status = value;
    } else {
      fail("write to 0x%" PRIx32 ", where nothing is, at cycle %" PRIu64, address, cycle);
    }
  }

 private:
  std::vector<uint32_t> memory;
};

// Runs until the program ends itself.
void simulate(Machine &machine, uint64_t limit) {
  Vcore core;
  core.reset = 1;
  for (int i = 0; i < resetCycles; i++) {
    core.clock = 1;
    core.eval();
    core.clock = 0;
    core.eval();
  }
  core.reset = 0;
  core.eval();
  while (!machine.ended) {
    if (machine.cycle == limit) fail("did not end within %" PRIu64 " cycles", limit);
    // What the core asks for in this cycle is answered behind the clock edge, as by registers.
    const bool fetches = core.instruction_request, accesses = core.data_request;
    uint32_t instruction = core.instruction, data = core.data_from_memory;
    if (fetches) instruction = machine.fetch(core.instruction_address);
    if (accesses && core.data_write)
      machine.write(core.data_address & ~3u, core.data_to_memory, core.data_strobe);
    else if (accesses)
      data = machine.read(core.data_address & ~3u);
    core.clock = 1;
    core.eval();
    core.instruction_valid = fetches;
    core.instruction = instruction;
    core.data_valid = accesses;
    core.data_from_memory = data;
    core.clock = 0;
    core.eval();
    machine.cycle++;
    if (core.trap) fail("trap at cycle %" PRIu64, machine.cycle);
  }
  core.final();
}

[[noreturn]] void failUsage() { fail("usage: [--cycles LIMIT] PROGRAM.elf"); }

}  // namespace

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  coreName = slash ? slash + 1 : argv[0];
  uint64_t limit = 20'000'000'000;
  int next = 1;
  if (argc == 4 && strcmp(argv[1], "--cycles") == 0) {
    char *end;
    limit = strtoull(argv[2], &end, 10);
    if (end == argv[2] || *end) failUsage();
    next = 3;
  }
  if (argc != next + 1) failUsage();

  Machine machine(loadProgram(argv[next]));
  const auto start = std::chrono::steady_clock::now();
  simulate(machine, limit);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  fflush(stdout);
  fprintf(stderr, "%s: %" PRIu64 " cycles simulated in %.1f s\n", coreName, machine.cycle,
          elapsed.count());
  return machine.status > 124 ? 124 : int(machine.status);
}
