// Who called whom: a walk along the saved frame pointers that trusts none of them.
//
// Both architectures lay a frame record out alike: the caller's frame pointer, then the return
// address. A function that has just been entered, and on aarch64 one that calls nobody, has no
// record yet; its caller then stands in the link register or on top of the stack.
//
// Owns:    FrameWalk, print_backtrace().
// Context: any; reads only what is mapped.
// Story:   comes from panic/panic.cpp; goes on in panic/symbols.cpp.

#pragma once

#include <cstddef>
#include <cstdint>

#include <arch/trap_frame.hpp>
#include <lib/units.hpp>

namespace fathom {

/// One entry at a time, innermost first. An entry is a pc for the first and return addresses after.
class FrameWalk {
public:
    /// From the registers of interrupted code.
    explicit FrameWalk(const arch::TrapFrame& frame);
    /// From a place in the code, as a parked thread has one.
    FrameWalk(VirtAddr pc, VirtAddr frame_pointer) : next_(pc), frame_pointer_(frame_pointer) {}

    /// The next entry; false at the end of the chain.
    bool next(VirtAddr& out);

private:
    VirtAddr next_;          ///< the entry to hand out; 0 where there is none
    VirtAddr leaf_caller_;   ///< a caller that has no frame record; 0 where there is none
    VirtAddr frame_pointer_;
};

/// Where the code of a backtrace entry lies: the pc itself for the first, else inside the call.
constexpr VirtAddr code_of_entry(VirtAddr entry, std::size_t index) {
    return index == 0 ? entry : entry - 1;
}

/// Prints it: number, address, function and offset. A deep recursion is shortened in the middle.
void print_backtrace(FrameWalk walk);

}  // namespace fathom
