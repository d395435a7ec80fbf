// What of the switch need not be assembly: filling a record, and reading one.
//
// Owns:    park_frame(), init_resume_record(), parked_state(), set_parked_pc().
// Context: each as arch/context_switch.hpp says.

#include <arch/context_switch.hpp>

#include <arch/stack_probe.hpp>

namespace fathom::arch {

namespace {

/// The context word of who calls fathom_switch, always, and so not saved; also a new thread's.
constexpr std::uint32_t kAtomicWord = static_cast<std::uint32_t>(kCalmBit) | WORD_ONE_IRQ_DEPTH;

}  // namespace

// The word is resumed as it stands here, so it must not carry a request to reschedule that has been
// met by this very switch.
void park_frame(ThreadAnchor& out, const TrapFrame& frame) {
    out.resume.frame = frame;
    out.resume.frame.context_word |= static_cast<std::uint32_t>(kCalmBit);
    out.on_cpu.store(0, std::memory_order_release);
}

// As if the entry had just been called: at a function's first instruction rsp is 8 below a multiple
// of 16. The word in that gap is never written: nothing returns through it.
void init_resume_record(ThreadAnchor& anchor, VirtAddr stack_top, void (*entry)(void*),
                        void* argument) {
    anchor.resume.frame = TrapFrame{};
    TrapFrame& frame = anchor.resume.frame;
    frame.vector = TAG_NEW_THREAD;
    frame.context_word = kAtomicWord;
    frame.rip = VirtAddr::of(reinterpret_cast<const void*>(entry)).value;
    frame.rdi = VirtAddr::of(argument).value;
    frame.rsp = stack_top.value - sizeof(std::uint64_t);
    frame.cs = SELECTOR_CODE;
    frame.ss = SELECTOR_DATA;
    frame.rflags = 1u << 1;  // always set; IF is not: it is born atomic
}

ParkedState parked_state(const ThreadAnchor& anchor) {
    const TrapFrame& frame = anchor.resume.frame;
    return {.pc = frame_pc(frame),
            .sp = frame_sp(frame),
            .frame_pointer = frame_pointer(frame),
            .was_interrupted = anchor.resume.was_interrupted(),
            .context_word = anchor.resume.called_switch() ? kAtomicWord : frame.context_word};
}

void set_parked_pc(ThreadAnchor& anchor, VirtAddr pc) { anchor.resume.frame.rip = pc.value; }

}  // namespace fathom::arch
