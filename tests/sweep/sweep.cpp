// Runs one operation of the table at each of the 256 offsets, or at those that an adversary wants.
//
// Each offset has 28 KiB of stack to itself, never touched before: bytes that an earlier call has
// left populated would hide the very hole that is looked for.

#include <sweep/sweep_run.hpp>

#include <adversaries/adversary.hpp>
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
    const SweepPlan plan = sweep_plan();
    for (unsigned call = 0; call < plan.count; ++call) {
        const unsigned offset = plan.first + call * plan.stride;
        const std::uint64_t room = plan.fresh_stack ? offset * Sweep::kRoom : 0;
        const std::uint64_t sp = first - room + offset * 16;
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
    EXPECT_EQ(test, job.offsets_done, sweep_plan().count);
    EXPECT(test, !job.forgot_to_call);
}

}  // namespace fathom
