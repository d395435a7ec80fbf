// Reading memory that may go at any moment: of a kernel that runs, for who looks on.
//
// To ask whether a page is mapped and then to read it is not enough: in between the page may go,
// and whoever takes it away does not wait for a reader on aarch64. So the frame is found with
// interrupts off, for the walk's sake (page_table.hpp, rule 1), and read through the direct map,
// which never goes: at worst the word is that of the frame's next owner.
//
// Owns:    read_live_word().
// Context: preemptible.
// Story:   comes from main/monitor/; panic/memory_probe.hpp is for when everything stands still.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// The word at `address`, at some moment of the call.
/// Errors: invalid_argument where it is not 8-byte aligned; not_found where nothing is mapped, or
/// a device's register, which reading can change.
/// Context: preemptible, may fault.
Result<std::uint64_t> read_live_word(VirtAddr address, Preemptible);

}  // namespace fathom::mm
