// A thread's life: created, run, joined.

#include <figures/measure.hpp>

#include <sched/spawn.hpp>

namespace fathom {
namespace {

void nothing(Preemptible, void*) {}

std::uint64_t create_run_join(std::size_t stack_bytes, Preemptible here) {
    return measure([=] {
        const auto thread = spawn_application<nothing>(
            {.name = "short", .stack_bytes = stack_bytes}, nullptr, here);
        if (thread.ok()) {
            static_cast<void>(join_thread(*thread, here));
        }
    });
}

}  // namespace

void measure_thread_life(Preemptible here) {
    print_figure("create_join_64k", create_run_join(KiB(64), here), "instructions");
    print_figure("create_join_1m", create_run_join(MiB(1), here), "instructions");
    print_figure("create_join_8m", create_run_join(MiB(8), here), "instructions");
}

}  // namespace fathom
