// stack: a thread's stack, drawn page by page.
//
// Context: preemptible.

#include <arch/stack_probe.hpp>
#include <context/log.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/thread_rows.hpp>
#include <mm/thread_stack.hpp>

namespace fathom::monitor {

namespace {

/// What is drawn, and the marks on it. `sp` is 0 where it is not known.
struct Picture {
    const mm::ThreadStack& stack;
    VirtAddr sp;
    VirtAddr deepest;  ///< the lowest populated page: the high-water mark

    bool marked(VirtAddr page) const { return page == sp.page() || page == deepest; }
};

void print_run(const Picture& picture, VirtAddr lowest, std::size_t pages, bool populated) {
    char marks[64];
    BufferSink sink(marks);
    if (picture.sp.value != 0 && lowest == picture.sp.page()) {
        format_to(sink, "  <- sp, byte {}", picture.sp - lowest);
    }
    if (lowest == picture.deepest) {
        sink.write("  <- deepest");
    }
    const bool below_sp = picture.sp.value != 0 && lowest < picture.sp.page();
    log("  {} {:>6} {:<5}  {}{}", lowest, pages, pages == 1 ? "page" : "pages",
        !populated ? "absent" : below_sp ? "populated, below sp" : "populated", sink.text());
}

/// One line for a run of equal pages.
[[gnu::cold]] void draw(const Picture& picture, Preemptible here) {
    const VirtAddr end = picture.stack.first_page();
    VirtAddr page = picture.stack.top() - kPageSize;
    while (page >= end) {
        const bool populated = picture.stack.is_populated(page, here);
        VirtAddr lowest = page;
        while (!picture.marked(lowest) && lowest > end && !picture.marked(lowest - kPageSize) &&
               picture.stack.is_populated(lowest - kPageSize, here) == populated) {
            lowest = lowest - kPageSize;
        }
        print_run(picture, lowest, (page - lowest) / kPageSize + 1, populated);
        page = lowest - kPageSize;
    }
    log("  {}     16 pages  guard, never mapped", end - 16 * kPageSize);
}

void explain_missing_sp(HeldThread::Kind kind) {
    if (kind == HeldThread::Kind::running) {
        log("  (it runs: its stack pointer is in its CPU)");
    }
}

void draw_lazy(const ThreadRow& row, Preemptible here) {
    const bool own = row.id == current_thread().id();
    const HeldThread held(row.id, here);
    const PageCount deepest = row.stack->high_water(here);
    log("stack of thread {} \"{}\": {} KiB promised, pages so far: {}", row.id.value,
        std::string_view(row.name), row.stack->size_bytes() / KiB(1), row.stack->populated());
    draw({.stack = *row.stack,
          .sp = own ? VirtAddr{arch::stack_pointer()} : held.parked().sp,
          .deepest = row.stack->top() - deepest.bytes()},
         here);
    if (!own) {
        explain_missing_sp(held.kind());
    }
}

void draw_populated(const ThreadRow& row) {
    log("stack of thread {} \"{}\": {} KiB, a kernel thread's, populated at creation",
        row.id.value, std::string_view(row.name), row.stack_pages * kPageSize / KiB(1));
    log("  {} {:>6} pages  populated", row.stack_top - row.stack_pages * kPageSize,
        row.stack_pages);
    log("  below it: a guard, never mapped");
}

}  // namespace

Outcome show_stack(Words& words, Preemptible here) {
    const auto id = words.next_number();
    if (!id.ok() || !words.empty()) {
        return Outcome::misused;
    }
    const auto row = row_of({*id}, here);
    if (!row.ok()) {
        log("there is no thread {}; threads lists them", *id);
    } else if (row->stack != nullptr) {
        draw_lazy(*row, here);
    } else {
        draw_populated(*row);
    }
    return Outcome::done;
}

}  // namespace fathom::monitor
