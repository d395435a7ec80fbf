// Host: the out-of-line parts of the contracts that kernel code under test may call.

#include <cstdio>

#include <arch/console.hpp>
#include <arch/thread_anchor.hpp>
#include <context/atomic_scope.hpp>

namespace fathom::arch {

void console_write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
int console_read() { return -1; }

}  // namespace fathom::arch

namespace fathom {

// A host thread has nobody to give its CPU to.
void preempt_here() { arch::clear_reschedule_pending(*arch::current_thread_anchor()); }

}  // namespace fathom
