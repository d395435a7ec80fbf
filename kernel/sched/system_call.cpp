// The table of system calls, and the way in from the entry code.
//
// Context: preemptible, on the thread's system call stack: populated, so a section here needs no
//          prefault (rule 2). What a call reads or writes of its caller's may fault, as in any
//          preemptible code, and so must be done before a section begins or a lock is taken.
// Story:   comes from arch/<arch>/system_call.S.

#include <sched/system_call.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>

#include <arch/cpu_local.hpp>
#include <context/atomic_scope.hpp>
#include <context/context_word.hpp>
#include <context/kernel_work.hpp>
#include <context/log.hpp>
#include <lib/proof_fact.h>
#include <sched/clock.hpp>
#include <sched/thread.hpp>

namespace fathom {

namespace {

using Arguments = arch::SystemCallArguments;

std::uint64_t do_nothing(const Arguments&, Preemptible) { return 0; }

std::uint64_t answer_thread_id(const Arguments&, Preemptible) {
    return current_thread().id().value;
}

std::uint64_t answer_cpu(const Arguments&, Preemptible) {
    const PreemptOff atomic{on_populated_stack};
    return arch::this_cpu_index();
}

std::uint64_t do_yield(const Arguments&, Preemptible here) {
    yield(here);
    return 0;
}

std::uint64_t do_sleep(const Arguments& arguments, Preemptible here) {
    sleep_for(arguments.first, here);
    return 0;
}

std::uint64_t do_log(const Arguments& arguments, Preemptible) {
    if (arguments.second > kLongestLoggedText) {
        return answer_of(Error::invalid_argument);
    }
    char text[kLongestLoggedText];
    std::copy_n(VirtAddr{arguments.first}.as<const char>(), arguments.second, text);
    log("{}", std::string_view(text, arguments.second));
    return 0;
}

std::uint64_t copy_name(const Arguments& arguments, Preemptible) {
    const std::string_view name = current_thread().name();
    const std::uint64_t length = std::min<std::uint64_t>(name.size(), arguments.second);
    std::copy_n(name.data(), length, VirtAddr{arguments.first}.as<char>());
    return length;
}

std::uint64_t do_exit(const Arguments& arguments, Preemptible here) {
    KernelWork::end();
    exit_thread(arguments.first, here);
}

/// By number.
constexpr std::uint64_t (*kCalls[])(const Arguments&, Preemptible) = {
    do_nothing, answer_thread_id, answer_cpu, do_yield, do_sleep, do_log,
    copy_name,  do_exit,
};
static_assert(std::size(kCalls) == static_cast<std::size_t>(SystemCall::count));

}  // namespace

}  // namespace fathom

// A call that has begun is finished: the thread is not ended in the middle of it for want of
// memory.
extern "C" std::uint64_t fathom_system_call(std::uint64_t first, std::uint64_t second,
                                            std::uint64_t third, std::uint64_t number) {
    using namespace fathom;
    ASSERT(ContextWord::now().preemptible(),
           "a system call was made in an atomic section (context word {})",
           ContextWord::now().bits());
    if (number >= std::size(kCalls)) {
        return answer_of(Error::not_found);
    }
    const Preemptible here = Preemptible::at_api_boundary();
    const KernelWork work{here};
    callable_table<CallClass::system_call, &kCalls, sizeof kCalls>();
    indirect_call_of<CallClass::system_call>();
    return kCalls[number]({first, second, third}, here);
}
