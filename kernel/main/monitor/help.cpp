// help and poweroff.
//
// Context: preemptible.

#include <context/log.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/suggestion.hpp>
#include <main/paragraph.hpp>

namespace fathom::monitor {

Outcome show_help(Words& words, Preemptible) {
    const std::string_view name = words.next();
    if (name.empty()) {
        for (const Command& command : all_commands()) {
            char usage[40];
            BufferSink sink(usage);
            format_to(sink, "{} {}", command.name, command.usage);
            log("  {:<24} {}", sink.text(), command.summary);
        }
        return Outcome::done;
    }
    const Command* const command = find_command(name);
    if (command == nullptr) {
        report_unknown(name);
        return Outcome::done;
    }
    log("{}{}{}", command->name, command->usage.empty() ? "" : " ", command->usage);
    print_paragraph(command->help);
    return Outcome::done;
}

Outcome power_off(Words&, Preemptible) { return Outcome::leave; }

}  // namespace fathom::monitor
