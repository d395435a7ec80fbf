// bt: who called whom in a parked thread.
//
// Context: preemptible.

#include <context/log.hpp>
#include <lib/thread_safety.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/thread_rows.hpp>
#include <mm/live_memory.hpp>
#include <panic/backtrace.hpp>
#include <panic/symbols.hpp>

namespace fathom::monitor {

namespace {

constexpr std::size_t kMostLines = 24;

void print(const arch::ParkedState& parked, Preemptible here) {
    FrameWalk walk(parked.pc, parked.frame_pointer);
    // Nothing keeps a kernel thread, and with it its stack, from going away meanwhile.
    const auto read = [here](VirtAddr address) FATHOM_VOUCHED_FOR {
        return mm::read_live_word(address, here);
    };
    VirtAddr entry;
    std::size_t number = 0;
    for (; number < kMostLines && walk.next_by(read, entry); ++number) {
        const VirtAddr code = code_of_entry(entry, number);
        const Symbol symbol = symbol_of(code);
        log("  #{:<3} {}  {} +0x{:x}", number, entry, symbol.name, symbol.offset + (entry - code));
    }
    if (number == kMostLines && walk.next_by(read, entry)) {
        log("  ...  and more: the first {} are shown", kMostLines);
    }
}

}  // namespace

Outcome show_backtrace(Words& words, Preemptible here) {
    const auto id = words.next_number();
    if (!id.ok() || !words.empty()) {
        return Outcome::misused;
    }
    const HeldThread held(ThreadId{*id}, here);
    switch (held.kind()) {
    case HeldThread::Kind::nobody: log("there is no thread {}; threads lists them", *id); break;
    case HeldThread::Kind::running:
        log("thread {} runs: ask again when it waits, or ask GDB", *id);
        break;
    case HeldThread::Kind::glimpsed:
        log("thread {} was here; nothing keeps it from going on:", *id);
        print(held.parked(), here);
        break;
    case HeldThread::Kind::held:
        log("thread {} goes on here{}:", *id,
            held.parked().was_interrupted ? ", where it was interrupted" : "");
        print(held.parked(), here);
        break;
    }
    return Outcome::done;
}

}  // namespace fathom::monitor
