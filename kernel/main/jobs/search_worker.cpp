// One thread of the search.
//
// Context: an application thread, preemptible.

#include <main/jobs/search_worker.hpp>

#include <new>

#include <arch/stack_probe.hpp>
#include <mm/heap.hpp>
#include <mm/thread_stack.hpp>

namespace fathom {
namespace {

/// Below the deepest call of the matcher there is still room for what it was called from.
constexpr std::uint64_t kStackMargin = KiB(2);

/// Steps that a line may take: plenty for any pattern that does not go back over everything.
constexpr std::uint64_t steps_for(std::string_view line) { return 250'000 + 2'000 * line.size(); }

std::uint64_t stack_left() {
    const std::uint64_t bottom = current_thread().stack->bottom().value + kStackMargin;
    const std::uint64_t here = arch::stack_pointer();
    return here > bottom ? here - bottom : 0;
}

void keep_match(SearchWorker& worker, const LineCursor& place, Preemptible here) {
    if (worker.kept == worker.shared->keep_matches) {
        return;
    }
    void* const memory = mm::heap_allocate(sizeof(SearchMatch), here);
    if (memory == nullptr) {
        worker.lost_matches = true;
        return;
    }
    auto* const match = new (memory) SearchMatch{place, nullptr};
    (worker.last_match != nullptr ? worker.last_match->next : worker.first_match) = match;
    worker.last_match = match;
    ++worker.kept;
}

void search_line(SearchWorker& worker, const LineCursor& place, Preemptible here) {
    const std::string_view line = place.line();
    ++worker.lines;
    const MatchOutcome outcome =
        worker.shared->regex->search(line, {.stack_bytes = stack_left(), .steps = steps_for(line)});
    switch (outcome) {
    case MatchOutcome::none: return;
    case MatchOutcome::found:
        ++worker.matches;
        keep_match(worker, place, here);
        return;
    case MatchOutcome::too_long:
        // It would be so on the next line, too, and on every other thread.
        worker.shared->stop.store(true, std::memory_order_relaxed);
        [[fallthrough]];
    case MatchOutcome::too_deep:
        if (worker.trouble == MatchOutcome::none) {
            worker.trouble = outcome;
            worker.trouble_place = place;
        }
        return;
    }
}

}  // namespace

void search_thread(Preemptible here, void* argument) {
    auto& worker = *static_cast<SearchWorker*>(argument);
    worker.shared->gate.wait(here);
    for (LineCursor place = worker.begin; place != worker.end; place.advance()) {
        if (worker.shared->stop.load(std::memory_order_relaxed)) {
            break;
        }
        search_line(worker, place, here);
    }
    worker.populated = current_thread().stack->populated();
    worker.deepest = current_thread().stack->high_water(here);
}

void free_matches(SearchWorker& worker, Preemptible here) {
    while (worker.first_match != nullptr) {
        SearchMatch* const next = worker.first_match->next;
        mm::heap_free(worker.first_match, here);
        worker.first_match = next;
    }
}

}  // namespace fathom
