// What the boot code of either architecture tells the kernel: one struct, handed over once.
//
// Owns:    BootInfo and the memory map's vocabulary.
// Story:   filled by boot/<arch>/, read by main/main.cpp, mm and the main job; constant after that.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lib/units.hpp>

namespace fathom {

/// The most CPUs that the kernel starts; further ones are reported and left asleep.
inline constexpr std::size_t kMaxCpus = 16;

/// A run of physical memory. Ranges may be unsorted and may overlap: reserved wins over usable.
struct MemoryRange {
    enum class Kind : std::uint8_t {
        reserved,  ///< firmware, device windows, boot data that the kernel still reads
        usable,    ///< RAM that nobody owns
    };
    PhysAddr begin;
    std::uint64_t size_bytes = 0;
    Kind kind = Kind::reserved;
};

/// A file that the boot loader put into memory (a module, an initrd).
struct BootModule {
    PhysAddr begin;
    std::uint64_t size_bytes = 0;
};

/// How one CPU is named by the hardware: its local APIC id or its MPIDR affinity.
using HardwareCpuId = std::uint64_t;

/// Filled by boot/<arch>/ before kernel_main; its arrays are of fixed size: there is no heap yet.
struct BootInfo {
    static constexpr std::size_t kMaxRanges = 128;
    static constexpr std::size_t kMaxModules = 8;
    static constexpr std::size_t kMaxCommandLine = 1024;

    MemoryRange ranges[kMaxRanges];
    std::size_t range_count = 0;

    BootModule modules[kMaxModules];
    std::size_t module_count = 0;

    char command_line_text[kMaxCommandLine] = {};
    std::size_t command_line_length = 0;

    /// The CPUs that can be started, the boot CPU first.
    HardwareCpuId cpus[kMaxCpus] = {};
    std::size_t cpu_count = 0;
    std::size_t cpus_ignored = 0;  ///< found but over kMaxCpus

    /// How we were started, for the log: "PVH", "Multiboot2", "arm64 Image", ...
    std::string_view boot_protocol;
    /// Things that were wrong with what the boot loader gave us, each a clear sentence; logged.
    const char* complaints[8] = {};
    std::size_t complaint_count = 0;

    std::string_view command_line() const { return {command_line_text, command_line_length}; }

    /// Adds a range; drops it with a complaint when the table is full.
    void add_range(PhysAddr begin, std::uint64_t size_bytes, MemoryRange::Kind kind) {
        if (range_count == kMaxRanges) {
            return complain("memory map: more ranges than fit; the rest is not used");
        }
        ranges[range_count++] = {begin, size_bytes, kind};
    }
    /// Adds a CPU behind those that are there, once; counts it where there is no place for it.
    void add_cpu(HardwareCpuId id) {
        for (std::size_t i = 0; i < cpu_count; ++i) {
            if (cpus[i] == id) {
                return;
            }
        }
        if (cpu_count == kMaxCpus) {
            ++cpus_ignored;
            return;
        }
        cpus[cpu_count++] = id;
    }
    void add_module(PhysAddr begin, std::uint64_t size_bytes) {
        if (module_count == kMaxModules) {
            return complain("boot modules: more than fit; the rest is not read");
        }
        modules[module_count++] = {begin, size_bytes};
    }
    /// Keeps what fits; complains where it had to cut.
    void set_command_line(std::string_view text) {
        if (text.size() > kMaxCommandLine) {
            complain("command line: longer than 1024 bytes; the rest is not read");
            text = text.substr(0, kMaxCommandLine);
        }
        text.copy(command_line_text, text.size());
        command_line_length = text.size();
    }
    void complain(const char* sentence) {
        if (complaint_count < sizeof complaints / sizeof complaints[0]) {
            complaints[complaint_count++] = sentence;
        }
    }
};

/// Upcall: defined in main/main.cpp. Runs on the boot CPU, on its idle thread's stack, with
/// interrupts off and boot page tables that map the kernel image and, at kDirectMapBase, at least
/// the RAM that holds the boot data and the first 4 GiB.
[[noreturn]] void kernel_main(BootInfo& boot);

}  // namespace fathom
