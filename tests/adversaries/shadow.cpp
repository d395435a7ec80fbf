// Following a thread, instruction by instruction.
//
// Context: see shadow.hpp.

#include <adversaries/shadow.hpp>

#include <adversaries/site_index.hpp>
#include <mm/thread_stack.hpp>

namespace fathom {
namespace {

unsigned depth_of(const arch::TrapFrame& frame) {
    const ContextWord word{arch::frame_context_word(frame)};
    return word.preempt_depth() + word.irq_depth();
}

}  // namespace

void ShadowThread::begin(const arch::TrapFrame& frame) {
    const mm::ThreadStack& stack = *mm::ThreadStack::containing(arch::frame_sp(frame));
    stack_begin_ = stack.first_page();
    stack_end_ = stack.top();
    touched_ = {};
    touched_.touch(arch::frame_sp(frame));
    prefault_ = {};
    open_count_ = 0;
    has_left_ = false;
    note_next(frame);
}

void ShadowThread::note_next(const arch::TrapFrame& frame) {
    next_pc_ = arch::frame_pc(frame);
    next_sp_ = arch::frame_sp(frame);
    next_touched_ = bytes_touched_by(frame);
}

Finding ShadowThread::step(const arch::TrapFrame& frame) {
    const VirtAddr sp = arch::frame_sp(frame);
    for (unsigned i = 0; i < next_touched_.count; ++i) {
        if (is_own(next_touched_.at[i])) {
            const Finding finding = follow_touch(next_touched_.at[i], sp);
            if (finding.kind != Finding::Kind::none) {
                return finding;
            }
        }
    }
    touched_.forget_below(sp);
    const Finding finding = follow_depth(frame);
    note_next(frame);
    return finding;
}

/// `sp` is what the instruction has left: a push has moved it to the byte it touched.
Finding ShadowThread::follow_touch(VirtAddr at, VirtAddr sp) {
    const bool below_sp = at < std::min(sp, next_sp_);
    if (open_count_ == 0) {
        if (!below_sp) {
            touched_.touch(at);
        } else if (site_index.holding(next_pc_) != nullptr) {
            prefault_ = {next_pc_, at};
        }
        return {};
    }
    OpenSection& section = open_[open_count_ - 1];
    if (below_sp && site_index.holding(next_pc_) != nullptr) {
        return {Finding::Kind::touch_inside, section.site, sp - at, 0};
    }
    if (!below_sp) {
        touched_.touch(at);
    }
    section.lowest = std::min(section.lowest, at);
    const OpenSection& outermost = open_[0];
    if (at < floor_) {
        return {Finding::Kind::below_window, outermost.site, outermost.sp - at,
                outermost.sp > floor_ ? outermost.sp - floor_ : 0};
    }
    return {};
}

Finding ShadowThread::follow_depth(const arch::TrapFrame& frame) {
    const unsigned depth = depth_of(frame);
    if (depth > open_count_) {
        return open_section(arch::frame_sp(frame));
    }
    while (depth < open_count_) {
        close_section();
    }
    if (depth == 0 && !arch::frame_irqs_on(frame) &&
        site_index.holding(arch::frame_pc(frame)) == nullptr) {
        return {Finding::Kind::not_counted, nullptr, arch::frame_pc(frame).value, 0};
    }
    return {};
}

Finding ShadowThread::open_section(VirtAddr sp) {
    const SiteRecord* const site = site_index.holding(next_pc_);
    if (site == nullptr || open_count_ == kDeepestNesting) {
        return {Finding::Kind::no_site, nullptr, next_pc_.value, 0};
    }
    if (site->turn() == arch::Turn::trap_entry) {
        has_left_ = true;  // the way to the panic stack counts itself like a trap
        return {};
    }
    Finding finding;
    if (open_count_ == 0) {
        finding = open_outermost(*site, sp);
    } else if (site->rule() == Rule::preemptible) {
        finding = {Finding::Kind::claims_both_on, site, 0, 0};
    }
    open_[open_count_++] = {site, sp, sp};
    prefault_ = {};
    return finding;
}

/// From here on nothing may fault. Safe is what the prefault of this very site has touched, if it
/// was executed, and whatever lies between it and the touched byte above; else only what has been
/// touched already.
Finding ShadowThread::open_outermost(const SiteRecord& site, VirtAddr sp) {
    const VirtAddr nearest = touched_.lowest_from(sp);
    const bool prefaulted = prefault_.pc >= site.pc() && prefault_.pc < site.pc() + site.length;
    floor_ = prefaulted ? prefault_.at : nearest;
    switch (site.rule()) {
    case Rule::kernel_thread:
    case Rule::populated_stack: return {Finding::Kind::claims_populated, &site, 0, 0};
    case Rule::already_atomic: return {Finding::Kind::claims_atomic, &site, 0, 0};
    case Rule::preemptible:
    case Rule::unknown: break;
    }
    if (nearest > floor_ && nearest - floor_ > kPageSize) {
        return {Finding::Kind::hole, &site, nearest - floor_, kPageSize};
    }
    return {};
}

void ShadowThread::close_section() {
    const OpenSection& section = open_[--open_count_];
    site_index.count(*section.site, section.lowest < section.sp ? section.sp - section.lowest : 0);
    if (open_count_ != 0) {
        OpenSection& outer = open_[open_count_ - 1];
        outer.lowest = std::min(outer.lowest, section.lowest);
    }
}

VirtAddr ShadowThread::relies_on() const {
    if (open_count_ != 0) {
        return std::min(floor_, next_sp_);
    }
    const SiteRecord* const site = site_index.holding(next_pc_);
    const bool between = site != nullptr && next_pc_ != site->pc();
    return between ? stack_begin_ : next_sp_;  // from load to disable everything stays
}

}  // namespace fathom
