// A thread's life: created, run, joined.

#include <figures/measure.hpp>

#include <sched/spawn.hpp>

namespace fathom {
namespace {

void nothing(Preemptible, void*) {}

void print_create_run_join(const char* name, std::size_t stack_bytes, Preemptible here) {
    print_cost(name, measure([=] {
                   const auto thread = spawn_application<nothing>(
                       {.name = "short", .stack_bytes = stack_bytes}, nullptr, here);
                   if (thread.ok()) {
                       static_cast<void>(join_thread(*thread, here));
                   }
               }));
}

}  // namespace

void measure_thread_life(Preemptible here) {
    print_create_run_join("create_join_64k", KiB(64), here);
    print_create_run_join("create_join_1m", MiB(1), here);
    print_create_run_join("create_join_8m", MiB(8), here);
}

}  // namespace fathom
