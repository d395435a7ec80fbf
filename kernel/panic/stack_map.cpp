// Drawing a stack.
//
// Context: the panicking CPU, its panic stack.

#include <panic/stack_map.hpp>

#include <context/lazy_range.hpp>
#include <mm/thread_stack.hpp>
#include <panic/memory_probe.hpp>
#include <panic/writer.hpp>

namespace fathom {

namespace {

/// A populated stack ends where its guard begins; none is longer than this.
constexpr PageCount kLongestKernelStack{1024};

/// What is drawn: [lowest, top) and the marks on it.
struct Picture {
    VirtAddr lowest;
    VirtAddr top;
    VirtAddr sp;
    VirtAddr fault;
};

const char* state_of(VirtAddr page) { return is_readable(page) ? "populated" : "absent"; }

bool marked(const Picture& picture, VirtAddr page) {
    return picture.sp.page() == page || (picture.fault.value != 0 && picture.fault.page() == page);
}

void print_marks(const Picture& picture, VirtAddr page) {
    if (picture.sp.page() == page) {
        say_part("  <- sp, byte {}", picture.sp - page);
    }
    if (picture.fault.value != 0 && picture.fault.page() == page) {
        say_part("  <- FAULT, byte {}", picture.fault - page);
    }
}

/// One line for a run of equal pages; returns the page below it.
VirtAddr print_run(const Picture& picture, VirtAddr page) {
    const char* const state = state_of(page);
    VirtAddr lowest = page;
    if (!marked(picture, page)) {
        while (lowest > picture.lowest && !marked(picture, lowest - kPageSize) &&
               state_of(lowest - kPageSize) == state) {
            lowest = lowest - kPageSize;
        }
    }
    const std::size_t pages = (page - lowest) / kPageSize + 1;
    say_part("  0x{:016x} {:>7} page{} {:<9}", lowest.value, pages, pages == 1 ? " " : "s", state);
    print_marks(picture, page);
    say("");
    return lowest - kPageSize;
}

[[gnu::cold]] void draw(const Picture& picture) {
    for (VirtAddr page = picture.top - kPageSize; page >= picture.lowest;) {
        page = print_run(picture, page);
    }
    say_part("  0x{:016x}               guard, never mapped", picture.lowest.value - kPageSize);
    if (picture.fault.value != 0 && picture.fault < picture.lowest) {
        say_part("  <- FAULT, {} bytes below", picture.lowest - picture.fault);
    }
    say("");
    if (picture.sp < picture.lowest || picture.sp >= picture.top) {
        say("  sp 0x{:016x} is not on this stack", picture.sp.value);
    }
}

void draw_lazy(const mm::ThreadStack& stack, VirtAddr sp, VirtAddr fault) {
    say("Stack of {} KiB, lazily populated, pages so far: {}, from the top down",
        stack.size_bytes() / KiB(1), stack.populated().value);
    draw({.lowest = stack.first_page(), .top = stack.top(), .sp = sp, .fault = fault});
}

/// The run of mapped pages that holds `inside`, or ends in the guard that holds it.
void draw_populated(VirtAddr inside, VirtAddr sp, VirtAddr fault) {
    VirtAddr page = inside.page();
    for (std::size_t steps = 0; !is_readable(page); ++steps, page = page + kPageSize) {
        if (steps > KiB(64) / kPageSize) {
            return;
        }
    }
    VirtAddr lowest = page;
    VirtAddr top = page + kPageSize;
    while (is_readable(lowest - kPageSize) && page - lowest < kLongestKernelStack.bytes()) {
        lowest = lowest - kPageSize;
    }
    while (is_readable(top) && top - page < kLongestKernelStack.bytes()) {
        top = top + kPageSize;
    }
    say("Stack of {} KiB, populated, from the top down", (top - lowest) / KiB(1));
    draw({.lowest = lowest, .top = top, .sp = sp, .fault = fault});
}

bool draw_holder(VirtAddr inside, VirtAddr sp, VirtAddr fault) {
    if (const mm::ThreadStack* const stack = mm::ThreadStack::containing(inside)) {
        draw_lazy(*stack, sp, fault);
        return true;
    }
    if (inside.value >= kKernelStackBase && inside.value < kKernelStackEnd) {
        draw_populated(inside, sp, fault);
        return true;
    }
    return false;
}

}  // namespace

void print_stack_map(VirtAddr sp, VirtAddr fault) {
    if (fault.value == 0 || !draw_holder(fault, sp, fault)) {
        draw_holder(sp, sp, {});
    }
}

}  // namespace fathom
