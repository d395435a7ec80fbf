// Threads run at EL1 on SP_EL0, so that exceptions find another stack pointer.
//
// What would break without it: at EL1h an exception would store its frame on the thread's own
// stack, whose next page may be absent.

#include <runner/test.hpp>

#include <kernel/support/quiet.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

struct Level {
    std::uint64_t exception_level = ~std::uint64_t{0};
    std::uint64_t stack_pointer_select = ~std::uint64_t{0};
};

Level read_level() {
    Level level;
    asm volatile("mrs %0, CurrentEL" : "=r"(level.exception_level));
    asm volatile("mrs %0, SPSel" : "=r"(level.stack_pointer_select));
    return level;
}

void expect_thread_level(TestContext& test, const Level& level) {
    EXPECT_EQ(test, level.exception_level, 1u << 2);
    EXPECT_EQ(test, level.stack_pointer_select, 0u);
}

void note_level(Preemptible, void* argument) { *static_cast<Level*>(argument) = read_level(); }

}  // namespace

KERNEL_TEST("arch: application and kernel threads run at EL1t on every CPU") {
    on_each_cpu(here, [&test](unsigned) { expect_thread_level(test, read_level()); });
    Level level;
    const auto thread = spawn_kernel<note_level>({.name = "level"}, &level, here);
    ASSERT_OK(test, thread);
    EXPECT_OK(test, join_thread(*thread, here));
    expect_thread_level(test, level);
}

}  // namespace fathom
