// A frame's registers by name, for reports.
//
// Context: any.

#include <arch/trap_frame.hpp>

#include <array>

namespace fathom::arch {
namespace {

constexpr std::array<const char*, 34> kNames = {
    "x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",  "x8",  "x9",    "x10", "x11",
    "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",   "x22", "x23",
    "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp",  "pc",  "pstate"};

}  // namespace

bool frame_register(const TrapFrame& frame, unsigned number, NamedRegister& out) {
    if (number >= kNames.size()) {
        return false;
    }
    const std::uint64_t others[] = {frame.sp, frame.pc, frame.pstate};
    out = {kNames[number], number < 31 ? frame.x[number] : others[number - 31]};
    return true;
}

}  // namespace fathom::arch
