// Reader of Multiboot2 boot information (Multiboot2 specification 2.0, section 3.6).
//
// Owns:    read_multiboot2().
// Context: any; no state, no allocation.
// Story:   called by boot/x86_64 when GRUB started us; the RSDP goes on to readers/acpi.hpp.

#pragma once

#include <cstdint>

#include <lib/boot_info.hpp>
#include <lib/readers/byte_view.hpp>
#include <lib/result.hpp>

namespace fathom {

/// What the information says beside what goes into BootInfo.
struct Multiboot2Facts {
    /// The copy of ACPI's RSDP (tag 15, else 14); empty where the loader found none.
    Bytes rsdp;
};

/// Bytes that the information says it has, from its first 8 bytes: how much to pass below.
/// Errors: truncated, malformed.
/// Context: any.
Result<std::uint32_t> multiboot2_size(Bytes first_bytes);

/// Adds memory map, modules (their bytes reserved) and command line to `boot`. Unknown tags are
/// passed over.
/// Errors: truncated (a tag or the whole ends too early), malformed. What was read before an error
/// is in `boot`.
/// Context: any.
Result<Multiboot2Facts> read_multiboot2(Bytes information, BootInfo& boot);

}  // namespace fathom
