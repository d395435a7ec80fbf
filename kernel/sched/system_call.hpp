// System calls: what a thread can ask for by an instruction.
//
//     Result<std::uint64_t> me = system_call(SystemCall::thread_id, {}, here);
//
// Owns:    the numbers and what each takes and answers; the form of an answer.
// Context: preemptible, may fault.
// Story:   goes on in native/system_call.hpp, arch/<arch>/system_call.S and sched/system_call.cpp,
//          where the table stands. docs/traps.md follows one call all the way.

#pragma once

#include <cstdint>

#include <arch/system_call.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>

namespace fathom {

/// The numbers. A number that is not here: Error::not_found.
enum class SystemCall : std::uint64_t {
    nothing,    ///< answers 0: what a call costs
    thread_id,  ///< answers the thread's id
    cpu,        ///< answers the CPU that it ran on
    yield,      ///< as yield()
    sleep,      ///< (ns): as sleep_for()
    log,        ///< (text, bytes): prints a line; invalid_argument over kLongestLoggedText
    name,       ///< (buffer, bytes): copies the thread's name there, answers how long it is
    exit,       ///< (value): as exit_thread(); does not return
    count,      ///< how many there are
};

/// In bytes. The text is copied before it is printed: reading it may fault.
inline constexpr std::uint64_t kLongestLoggedText = 160;

/// What a call answers in its one register: the highest numbers are errors.
/// Context: any.
constexpr std::uint64_t answer_of(Error error) { return ~static_cast<std::uint64_t>(error); }

/// Whether an answer is one of those.
/// Context: any.
constexpr bool is_error(std::uint64_t answer) { return answer > ~std::uint64_t{256}; }

/// Makes a system call.
/// Errors: not_found (no such number); busy (made from inside a system call); out_of_memory (the
/// thread's first call, and there is none for its stack); what the call itself says.
/// Context: preemptible, may fault.
[[gnu::always_inline]] inline Result<std::uint64_t> system_call(
    SystemCall call, const arch::SystemCallArguments& arguments, Preemptible) {
    const std::uint64_t answer = arch::system_call(static_cast<std::uint64_t>(call), arguments);
    if (is_error(answer)) [[unlikely]] {
        return static_cast<Error>(~answer);
    }
    return answer;
}

}  // namespace fathom
