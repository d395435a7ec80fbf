// threads: the list of them.
//
// Context: preemptible.

#include <context/log.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/thread_rows.hpp>
#include <mm/thread_stack.hpp>
#include <sched/clock.hpp>

namespace fathom::monitor {

namespace {

/// Bytes in the largest unit that they are a whole number of.
class Size {
public:
    explicit Size(std::uint64_t bytes) {
        const char* unit = "KMG";
        std::uint64_t count = bytes / KiB(1);
        for (; count != 0 && count % 1024 == 0 && unit[1] != '\0'; ++unit) {
            count /= 1024;
        }
        BufferSink sink(text_);
        format_to(sink, "{}{}", count, *unit);
        size_ = sink.size();
    }
    std::string_view view() const { return {text_, size_}; }

private:
    char text_[12];
    std::size_t size_;
};

void print(const ThreadRow& row) {
    const std::uint64_t promised =
        row.stack != nullptr ? row.stack->size_bytes() : row.stack_pages * kPageSize;
    const std::uint64_t microseconds = cycles_to_ns(row.cpu_cycles) / 1000;
    log("  {:>11} {:<15} {:<6} {:<9} {:>3} {:<6} {:>5} {:>6} {:>7}.{}", row.id.value,
        std::string_view(row.name), row.application ? "app" : "kernel", name_of(row.state),
        row.cpu_index, name_of(row.priority), Size(promised).view(), row.populated,
        microseconds / 1000, microseconds / 100 % 10);
}

}  // namespace

Outcome show_threads(Words& words, Preemptible here) {
    if (!words.empty()) {
        return Outcome::misused;
    }
    log("  {:>11} {:<15} {:<6} {:<9} {:>3} {:<6} {:>5} {:>6} {:>9}", "tid", "name", "kind", "state",
        "cpu", "share", "stack", "pages", "time/ms");
    std::size_t count = 0;
    for_each_row(here, [&](const ThreadRow& row) {
        print(row);
        ++count;
    });
    log("{} threads; stack <tid> draws a stack, bt <tid> says where a thread is", count);
    return Outcome::done;
}

}  // namespace fathom::monitor
