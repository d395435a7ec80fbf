// mem, trim and peek.
//
// Context: preemptible.

#include <context/log.hpp>
#include <main/jobs/report.hpp>
#include <main/monitor/command.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/heap.hpp>
#include <mm/live_memory.hpp>
#include <mm/thread_stack.hpp>
#include <panic/symbols.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/trim.hpp>

namespace fathom::monitor {

namespace {

constexpr std::uint64_t kUsualWords = 8;
constexpr std::uint64_t kMostWords = 64;

/// False where the word cannot be read.
bool print_word(VirtAddr address, Preemptible here) {
    const Result<std::uint64_t> word = mm::read_live_word(address, here);
    if (!word.ok()) {
        log("  {}  not mapped, or a device", address);
        return false;
    }
    if (in_text({*word})) {
        const Symbol symbol = symbol_of({*word});
        log("  {}  {:016x}  {} +0x{:x}", address, *word, symbol.name, symbol.offset);
    } else {
        log("  {}  {:016x}", address, *word);
    }
    return true;
}

}  // namespace

Outcome show_memory(Words& words, Preemptible here) {
    if (!words.empty()) {
        return Outcome::misused;
    }
    const mm::FrameStatistics frames = mm::frame_statistics();
    const mm::HeapStatistics heap = mm::heap_statistics();
    const mm::StackStatistics stacks = mm::stack_statistics(here);
    const std::size_t used = frames.total - frames.available();
    report_row("frames of RAM, 4,096 bytes each", frames.total, "frames");
    report_row("  free", frames.free, "frames");
    report_row("  in the CPUs' caches", frames.in_caches, "frames");
    report_row("  zeroed, for stack faults", frames.in_reserves, "frames");
    report_row("  in use", used, "frames");
    report_row("heap", heap.total(), "bytes");
    report_row("lazily populated stacks", stacks.live, "stacks");
    report_row("  promised to them", stacks.promised_bytes, "bytes");
    report_row("  populated", stacks.populated_pages * kPageSize, "bytes");
    report_row("  their page tables", stacks.table_pages * kPageSize, "bytes");
    report_row("system call stacks", system_call_stacks(), "stacks");
    report_row("  populated", system_call_stacks() * (kSystemCallStackBytes + kPageSize), "bytes");
    return Outcome::done;
}

Outcome trim_all_stacks(Words& words, Preemptible here) {
    if (!words.empty()) {
        return Outcome::misused;
    }
    const PageCount pages = trim_stacks(here);
    log("trim: {} {} back", pages, pages == PageCount(1) ? "page went" : "pages went");
    return Outcome::done;
}

Outcome peek(Words& words, Preemptible here) {
    const auto address = words.next_number();
    const auto given = words.next_number();
    const std::uint64_t count = given.ok() ? *given : kUsualWords;
    const bool counted = given.ok() || given.error() == Error::not_found;
    if (!address.ok() || !counted || count == 0 || count > kMostWords || !words.empty()) {
        return Outcome::misused;
    }
    if (!is_aligned(*address, sizeof(std::uint64_t))) {
        log("0x{:x} is no multiple of 8; 0x{:x} is", *address, align_down(*address, 8));
        return Outcome::done;
    }
    for (std::uint64_t i = 0; i < count && print_word(VirtAddr{*address} + i * 8, here); ++i) {
    }
    return Outcome::done;
}

}  // namespace fathom::monitor
