// What a command of the monitor is.
//
// Owns:    Words, Command, and what every command may use.
// Context: preemptible.
// Story:   the table of commands is in commands.cpp; each group has a file of its own.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <main/options.hpp>

namespace fathom::monitor {

/// The words of a line, taken from the front. All views are into the line.
class Words {
public:
    explicit Words(std::string_view line) : rest_(line) {}

    /// The next word; empty behind the last.
    std::string_view next();
    /// The next word as a number, decimal or 0x..., with K, M or G behind it for units of 1024.
    /// Errors: not_found (there is no word), malformed.
    Result<std::uint64_t> next_number();
    /// All that is left, without the blanks around it.
    std::string_view rest();
    bool empty() { return rest().empty(); }

private:
    std::string_view rest_;
};

/// What came of a command.
enum class Outcome : std::uint8_t {
    done,
    misused,  ///< its words make no sense: the monitor shows how it is used
    leave,    ///< the monitor is over
};

struct Command {
    std::string_view name;
    std::string_view usage;    ///< the words behind the name
    std::string_view summary;  ///< a line of at most 45 columns
    std::string_view help;     ///< a paragraph
    Outcome (*run)(Words& words, Preemptible here);
    std::string_view choices = "";  ///< what its first word may be, for completion
    std::string_view hint = "";     ///< for who has misused it; its choices unless told
};

/// Every command, in the order of `help`.
std::span<const Command> all_commands();
/// The command of that name, or null.
const Command* find_command(std::string_view name);
/// What the kernel was started with.
const Options& kernel_options();

// The commands, by file.
Outcome show_threads(Words& words, Preemptible here);   // threads.cpp
Outcome show_cpus(Words& words, Preemptible here);      // cpus.cpp
Outcome show_stack(Words& words, Preemptible here);     // stack.cpp
Outcome show_backtrace(Words& words, Preemptible here); // backtrace.cpp
Outcome show_faults(Words& words, Preemptible here);    // tracing.cpp
Outcome control_trace(Words& words, Preemptible here);
Outcome show_sites(Words& words, Preemptible here);     // sites.cpp
Outcome show_policy(Words& words, Preemptible here);    // policy.cpp
Outcome show_memory(Words& words, Preemptible here);    // memory.cpp
Outcome trim_all_stacks(Words& words, Preemptible here);
Outcome peek(Words& words, Preemptible here);
Outcome spawn_crew(Words& words, Preemptible here);     // crew.cpp
Outcome run_bench(Words& words, Preemptible here);      // tests.cpp
Outcome run_tests(Words& words, Preemptible here);
Outcome break_rule(Words& words, Preemptible here);
Outcome show_help(Words& words, Preemptible here);      // help.cpp
Outcome power_off(Words& words, Preemptible here);

/// Ends the threads that spawn has started, and says how many.
/// Context: preemptible, may fault.
void end_crew(Preemptible here);

}  // namespace fathom::monitor
