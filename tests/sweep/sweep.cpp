// Runs one operation of the table at each of the 256 offsets.
//
// Each offset has 28 KiB of stack to itself, never touched before: bytes that an earlier call has
// left populated would hide the very hole that is looked for.

#include <sweep/sweep_run.hpp>

#include <sched/spawn.hpp>

namespace fathom {
namespace {

struct SweepJob {
    SweepFunction operation;
    unsigned offsets_done = 0;
    bool forgot_to_call = false;
};

void sweep_thread(Preemptible here, void* argument) {
    auto& job = *static_cast<SweepJob*>(argument);
    // Below every live frame of this thread, however deep the loop below goes.
    const std::uint64_t first =
        align_down(arch::stack_pointer(), kPageSize) - KiB(64);
    for (unsigned offset = 0; offset < Sweep::kOffsets; ++offset) {
        const std::uint64_t sp = first - offset * Sweep::kRoom + offset * 16;
        Sweep sweep(sp, offset);
        indirect_call_of<CallClass::sweep>();
        job.operation(sweep, here);
        job.forgot_to_call |= !sweep.called();
        ++job.offsets_done;
    }
}

}  // namespace

void run_sweep(TestContext& test, SweepFunction operation, Preemptible here) {
    SweepJob job{operation};
    const Result<ThreadId> thread = spawn_application<sweep_thread>(
        {.name = "sweep", .stack_bytes = MiB(8)}, &job, here);
    ASSERT_OK(test, thread);
    EXPECT_OK(test, join_thread(*thread, here));
    EXPECT_EQ(test, job.offsets_done, Sweep::kOffsets);
    EXPECT(test, !job.forgot_to_call);
}

}  // namespace fathom
