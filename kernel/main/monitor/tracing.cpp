// faults and trace: what the trace rings hold.
//
// Context: preemptible.

#include <algorithm>

#include <arch/timer.hpp>
#include <context/log.hpp>
#include <main/jobs/heap_array.hpp>
#include <main/monitor/command.hpp>
#include <mm/frame_reserve.hpp>
#include <sched/clock.hpp>
#include <trace/describe.hpp>
#include <trace/reader.hpp>

namespace fathom::monitor {

namespace {

/// The most events that one command shows.
constexpr std::uint64_t kMostShown = 1000;

/// A count behind a command, `usual` where there is none; 0 where it makes no sense.
std::uint64_t count_from(Words& words, std::uint64_t usual) {
    const auto count = words.next_number();
    if (!count.ok()) {
        return count.error() == Error::not_found ? usual : 0;
    }
    return words.empty() ? std::min(*count, kMostShown) : 0;
}

void print(const trace::Entry& entry, std::uint64_t now) {
    char text[48];
    BufferSink sink(text);
    trace::describe_payload(entry, sink);
    const std::uint64_t ago = now > entry.cycles ? now - entry.cycles : 0;
    log("  {:>9} us  cpu {:<2} thread {:<5} {:<14} {}", cycles_to_ns(ago) / 1000, entry.cpu(),
        entry.thread(), trace::name(entry.id()), sink.text());
}

/// Prints the last `wanted` events that `keep` keeps, oldest first.
template <typename Filter>
void print_last(std::uint64_t wanted, Preemptible here, Filter&& keep) {
    const HeapArray<trace::Entry> kept(wanted, here);
    if (!kept) {
        return log("out of memory for {} events", wanted);
    }
    // The rings are read CPU by CPU: the latest of all are those that no later one pushes out.
    std::size_t count = 0;
    trace::for_each([&](const trace::Entry& entry) {
        const auto older = [](const trace::Entry& one, const trace::Entry& other) {
            return one.cycles > other.cycles;  // the heap's top is the oldest
        };
        const auto begin = kept.objects().begin();
        if (!keep(entry)) {
            return;
        }
        if (count == wanted) {
            if (entry.cycles < begin->cycles) {
                return;
            }
            std::pop_heap(begin, begin + static_cast<std::ptrdiff_t>(count--), older);
        }
        kept[count++] = entry;
        std::push_heap(begin, begin + static_cast<std::ptrdiff_t>(count), older);
    });
    const auto shown = kept.objects().first(count);
    std::sort(shown.begin(), shown.end(), [](const trace::Entry& one, const trace::Entry& other) {
        return one.cycles < other.cycles;
    });
    if (shown.empty()) {
        log("  the rings hold no such event{}", trace::enabled() ? "" : ": trace is off");
        return;
    }
    const std::uint64_t now = arch::read_cycles();
    log("  {:>9} ago", "time");
    for (const trace::Entry& entry : shown) {
        print(entry, now);
    }
}

}  // namespace

Outcome show_faults(Words& words, Preemptible here) {
    const std::uint64_t wanted = count_from(words, 10);
    if (wanted == 0) {
        return Outcome::misused;
    }
    print_last(wanted, here, [](const trace::Entry& entry) {
        return entry.id() == trace::EventId::stack_fault;
    });
    log("{} stack faults since boot", mm::stack_faults_served());
    return Outcome::done;
}

Outcome control_trace(Words& words, Preemptible here) {
    const std::string_view action = words.next();
    if (action == "show") {
        const std::uint64_t wanted = count_from(words, 16);
        if (wanted == 0) {
            return Outcome::misused;
        }
        print_last(wanted, here, [](const trace::Entry&) { return true; });
        return Outcome::done;
    }
    if ((action != "on" && action != "off") || !words.empty()) {
        return Outcome::misused;
    }
    trace::set_enabled(action == "on");
    log("trace is {}", action);
    return Outcome::done;
}

}  // namespace fathom::monitor
