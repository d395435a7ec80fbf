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
#include <utility>

#include <arch/trap_frame.hpp>
#include <lib/result.hpp>
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
    /// Context: any; the other CPUs are stopped.
    bool next(VirtAddr& out);

    /// As next(), of a kernel that runs: `read(VirtAddr) -> Result<std::uint64_t>` reads a word
    /// that may go at any moment.
    /// Context: as that of `read`.
    template <typename Reader>
    bool next_by(Reader&& read, VirtAddr& out);

private:
    /// Follows a frame record, if it is one.
    void go_on_at(std::uint64_t return_address, std::uint64_t outer);

    VirtAddr next_;         ///< the entry to hand out; 0 where there is none
    VirtAddr leaf_caller_;  ///< a caller that has no frame record; 0 where there is none
    VirtAddr frame_pointer_;
};

template <typename Reader>
bool FrameWalk::next_by(Reader&& read, VirtAddr& out) {
    out = next_;
    if (next_.value == 0) {
        return false;
    }
    next_ = std::exchange(leaf_caller_, VirtAddr{});
    if (next_.value == 0 && frame_pointer_.value != 0) {
        const Result<std::uint64_t> outer = read(frame_pointer_);
        const Result<std::uint64_t> return_address = read(frame_pointer_ + 8);
        if (outer.ok() && return_address.ok()) {
            go_on_at(*return_address, *outer);
        }
    }
    return true;
}

/// Where the code of a backtrace entry lies: the pc itself for the first, else inside the call.
constexpr VirtAddr code_of_entry(VirtAddr entry, std::size_t index) {
    return index == 0 ? entry : entry - 1;
}

/// Prints it: number, address, function and offset. A deep recursion is shortened in the middle.
[[gnu::cold]] void print_backtrace(FrameWalk walk);

}  // namespace fathom
