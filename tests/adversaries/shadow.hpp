// The shadow of one stepped thread: what it has touched, which sections it is in, and how far down
// the prefault that it really executed lets it go.
//
// Nothing here looks at page tables. A page that happens to be mapped hides a missing prefault from
// the hardware, not from the shadow.
//
// Owns:    ShadowThread.
// Context: debug trap; one thread at a time.
// Story:   called by stepper.cpp with each instruction; docs/adversaries.md says what it can see.

#pragma once

#include <arch/trap_frame.hpp>
#include <adversaries/finding.hpp>
#include <adversaries/touch_map.hpp>
#include <adversaries/touched_bytes.hpp>
#include <context/context_word.hpp>

namespace fathom {

class ShadowThread {
public:
    /// The thread is stepped from here on: preemptible, on its lazily populated stack.
    void begin(const arch::TrapFrame& frame);

    /// The instruction that was next has been executed; `frame` is what it left.
    Finding step(const arch::TrapFrame& frame);

    /// The thread has left its CPU by a switch and will go on from `frame`.
    void go_on_from(const arch::TrapFrame& frame) { note_next(frame); }

    /// It has gone where no section ends: into a panic.
    bool has_left() const { return has_left_; }

    /// The lowest byte of its stack that it relies on now: everything below may be taken away.
    VirtAddr relies_on() const;

private:
    static constexpr unsigned kDeepestNesting = 16;

    /// A section that has begun and not ended.
    struct OpenSection {
        const SiteRecord* site = nullptr;
        VirtAddr sp;      ///< at the site
        VirtAddr lowest;  ///< touched in it
    };
    /// The load of a prefault whose section has not begun.
    struct Prefault {
        VirtAddr pc;
        VirtAddr at;
    };

    void note_next(const arch::TrapFrame& frame);
    bool is_own(VirtAddr at) const { return at >= stack_begin_ && at < stack_end_; }
    Finding follow_touch(VirtAddr at, VirtAddr sp);
    Finding follow_depth(const arch::TrapFrame& frame);
    Finding open_section(VirtAddr sp);
    Finding open_outermost(const SiteRecord& site, VirtAddr sp);
    void close_section();

    TouchMap touched_;
    VirtAddr stack_begin_, stack_end_;

    // Of the instruction that is next.
    VirtAddr next_pc_, next_sp_;
    TouchedBytes next_touched_;

    Prefault prefault_{};
    bool has_left_ = false;

    OpenSection open_[kDeepestNesting] = {};
    unsigned open_count_ = 0;
    VirtAddr floor_;  ///< of the outermost section: nothing below it is safe
};

}  // namespace fathom
