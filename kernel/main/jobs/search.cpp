// The search, from the modules to the report.
//
//   modules -> DocumentList -> ranges of whole lines, one per worker
//           -> workers pass the gate together -> matches in order -> what the stacks cost
//
// Context: preemptible.

#include <main/jobs/search.hpp>

#include <context/log.hpp>
#include <main/jobs/fault_cost.hpp>
#include <main/jobs/heap_array.hpp>
#include <main/jobs/report.hpp>
#include <main/jobs/search_worker.hpp>
#include <mm/thread_stack.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

constexpr std::size_t kColumns = 80;

// Compiled by run_search(), which runs once; the workers only read it.
constinit Regex search_pattern;

bool compile_pattern(std::string_view pattern) {
    const auto error = search_pattern.compile(pattern);
    if (error) {
        log("search: the pattern \"{}\" is broken at character {}:", pattern, error->position + 1);
        log("search: {}", error->sentence);
    }
    return !error;
}

/// Starts as many workers as there is memory for; returns how many. They wait at the gate.
std::size_t start_workers(std::span<SearchWorker> workers, SearchShared& shared,
                          std::uint64_t stack_bytes, Preemptible here) {
    for (std::size_t i = 0; i < workers.size(); ++i) {
        workers[i].shared = &shared;
        const auto thread = spawn_application<search_thread>(
            {.name = "search", .stack_bytes = stack_bytes}, &workers[i], here);
        if (!thread.ok()) {
            log("search: thread {} of {} could not be started ({}); the others take its lines",
                i + 1, workers.size(), thread.error());
            return i;
        }
        workers[i].thread = *thread;
    }
    return workers.size();
}

/// Cuts all lines into as many ranges of about the same size: a line belongs to the worker in whose
/// share of the bytes it begins.
void share_lines(const DocumentList& documents, std::span<SearchWorker> workers) {
    LineCursor place(documents.first());
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < workers.size(); ++i) {
        workers[i].begin = place;
        const std::uint64_t share_end = documents.bytes() * (i + 1) / workers.size();
        while (!place.at_end() && passed < share_end) {
            passed += place.line().size() + 1;
            place.advance();
        }
        workers[i].end = place;
    }
    // A text without a last "\n" counts one byte too much for its last line; nothing may be left
    // over.
    while (!place.at_end()) {
        place.advance();
    }
    if (!workers.empty()) {
        workers.back().end = place;
    }
}

/// Appends text with everything unprintable shown as "?".
void write_printable(BufferSink& sink, std::string_view text) {
    for (const char character : text) {
        const bool printable = character >= ' ' && character <= '~';
        sink.fill(printable ? character : character == '\t' ? ' ' : '?', 1);
        if (sink.cut()) {
            return;
        }
    }
}

/// "name:line: text", cut to the width of a screen.
void print_line(const LineCursor& place) {
    char buffer[kColumns];
    BufferSink sink(buffer);
    if (!place.document().name.empty()) {
        write_printable(sink, place.document().name);
        sink.write(":");
    }
    format_to(sink, "{}: ", place.line_number());
    write_printable(sink, place.line());
    log("{}", sink.text());
}

void print_matches(std::span<const SearchWorker> workers, std::uint64_t limit) {
    std::uint64_t printed = 0;
    std::uint64_t found = 0;
    for (const SearchWorker& worker : workers) {
        for (const SearchMatch* match = worker.first_match; match != nullptr && printed < limit;
             match = match->next) {
            print_line(match->place);
            ++printed;
        }
        found += worker.matches;
    }
    if (printed < found) {
        log("search: {} matching lines, {} of them shown (matches=all shows every one)", found,
            printed);
    } else {
        log("search: {} matching lines", found);
    }
}

/// Says what could not be done. True if everything was.
bool report_trouble(std::span<const SearchWorker> workers, std::uint64_t stack_bytes) {
    bool all_well = true;
    for (const SearchWorker& worker : workers) {
        if (worker.trouble != MatchOutcome::none) {
            all_well = false;
            log("search: gave up on a line of {} bytes:", worker.trouble_place.line().size());
            print_line(worker.trouble_place);
            if (worker.trouble == MatchOutcome::too_deep) {
                log("search: its match needs more than the {} KiB of a stack; try stack=SIZE",
                    stack_bytes >> 10);
            } else {
                log("search: the pattern tries too many ways to match it; the rest is not "
                    "searched");
                return false;
            }
        }
        if (worker.lost_matches) {
            all_well = false;
            log("search: out of memory for matching lines; try a smaller matches=N");
            break;
        }
    }
    return all_well;
}

void report_stacks(std::span<const SearchWorker> workers, std::uint64_t stack_bytes,
                   Preemptible here) {
    const std::uint64_t promised = stack_bytes * workers.size();
    const std::size_t at_birth = mm::stack_pages_at_creation(stack_bytes).value * workers.size();
    PageCount populated;
    DepthHistogram histogram;
    for (const SearchWorker& worker : workers) {
        populated.value += worker.populated.value;
        histogram.add(worker.deepest);
    }
    log("search: what the stacks of its threads cost");
    report_row("threads", workers.size(), "");
    report_row("promised to them", promised, "bytes");
    report_row("an eager kernel would have used", promised, "bytes");
    report_row("populated", populated.bytes(), "bytes");
    report_row("stack faults", populated.value - at_birth, "");
    const FaultCost cost = measure_fault_cost(here);
    if (cost.faults != 0) {
        report_row("instructions per fault, at least", cost.least, "");
        report_row("instructions per fault, on average", cost.average, "");
    }
    histogram.report();
}

/// With the workers waiting at the gate: shares the lines, opens it, waits for all to end.
void run_workers(const DocumentList& documents, std::span<SearchWorker> workers,
                 SearchShared& shared, Preemptible here) {
    share_lines(documents, workers);
    for (std::size_t i = 0; i < workers.size(); ++i) {
        shared.gate.post(here);
    }
    for (const SearchWorker& worker : workers) {
        static_cast<void>(join_thread(worker.thread, here));
    }
}

/// Everything behind the reading of the input.
bool search_documents(const DocumentList& documents, const Options& options, Preemptible here) {
    const std::uint64_t stack_bytes =
        mm::StackGeometry::usable_bytes(mm::StackGeometry::class_for(options.stack_bytes));
    HeapArray<SearchWorker> array(options.threads, here);
    if (!array) {
        log("search: out of memory for {} threads; try threads=N", options.threads);
        return false;
    }
    mm::drain_stack_caches(here);  // a cached stack would bring pages that nobody here has touched
    SearchShared shared{.regex = &search_pattern, .keep_matches = options.matches};
    const std::size_t started = start_workers(array.objects(), shared, stack_bytes, here);
    const std::span<SearchWorker> workers = array.objects().first(started);
    if (workers.empty()) {
        return false;
    }
    run_workers(documents, workers, shared, here);
    print_matches(workers, options.matches);
    const bool all_well = report_trouble(workers, stack_bytes);
    report_stacks(workers, stack_bytes, here);
    for (SearchWorker& worker : workers) {
        free_matches(worker, here);
    }
    return all_well;
}

}  // namespace

[[gnu::cold]] bool run_search(const BootInfo& boot, const Options& options, Preemptible here) {
    if (!compile_pattern(options.pattern.view())) {
        return false;
    }
    DocumentList documents(here);
    const bool input_is_good = documents.read_modules(boot, here);
    if (documents.bytes() == 0) {
        return false;
    }
    log("search: \"{}\"", options.pattern.view());
    log("search: in {} bytes of text ({} {})", Grouped(documents.bytes()).view(),
        documents.count(), documents.count() == 1 ? "file" : "files");
    return search_documents(documents, options, here) && input_is_good;
}

}  // namespace fathom
