// Typed bytes become a line, a line becomes a command.
//
// Context: preemptible, on an application thread: what a command needs of stack comes by itself.

#include <main/monitor/monitor.hpp>

#include <array>

#include <context/log.hpp>
#include <lib/line_editor.hpp>
#include <lib/proof_fact.h>
#include <main/monitor/command.hpp>
#include <main/monitor/suggestion.hpp>
#include <main/paragraph.hpp>
#include <sched/console_input.hpp>

namespace fathom {

namespace monitor {

namespace {

constinit const Options* options_in_force = nullptr;
constinit LineEditor editor{"fathom> "};

/// The words that Tab may complete to: of a command's name, or of its first argument.
class Choices {
public:
    explicit Choices(std::string_view before) {
        Words words(before);
        const Command* const command = find_command(words.next());
        if (Words(before).empty() || (command != nullptr && command->name == "help")) {
            for (const Command& each : all_commands()) {
                add(each.name);
            }
        } else if (command != nullptr && words.empty()) {
            Words choices(command->choices);
            for (auto word = choices.next(); !word.empty(); word = choices.next()) {
                add(word);
            }
        }
    }
    std::span<const std::string_view> words() const { return {words_.data(), count_}; }

private:
    void add(std::string_view word) {
        if (count_ < words_.size()) {
            words_[count_++] = word;
        }
    }

    std::array<std::string_view, 32> words_{};
    std::size_t count_ = 0;
};

/// Reads up to the end of a line; false at the end of what is typed.
bool read_line(Preemptible here) {
    char buffer[LineEditor::kMostOutput];
    BufferSink out(buffer);
    editor.start(out);
    for (;;) {
        log_part(out.text(), here);
        out.clear();
        const LineEditor::Event event = editor.take(read_console(here), out);
        if (event == LineEditor::Event::completion) {
            editor.complete(Choices(editor.before_word()).words(), out);
        } else if (event != LineEditor::Event::none) {
            log_part(event == LineEditor::Event::line ? out.text() : "\n", here);
            return event == LineEditor::Event::line;
        }
    }
}

void report_misuse(const Command& command) {
    log("usage: {}{}{}", command.name, command.usage.empty() ? "" : " ", command.usage);
    if (!command.hint.empty()) {
        log("  {}", command.hint);
    } else if (!command.choices.empty()) {
        print_paragraph(command.choices, "  choose from: ");
    }
    log("help {} says more", command.name);
}

Outcome obey(std::string_view line, Preemptible here) {
    Words words(line);
    const std::string_view name = words.next();
    if (name.empty()) {
        return Outcome::done;
    }
    const Command* const command = find_command(name);
    if (command == nullptr) {
        report_unknown(name);
        return Outcome::done;
    }
    indirect_call_of<CallClass::monitor>();
    const Outcome outcome = command->run(words, here);
    if (outcome == Outcome::misused) {
        report_misuse(*command);
    }
    return outcome;
}

}  // namespace

const Options& kernel_options() { return *options_in_force; }

}  // namespace monitor

void run_monitor(const Options& options, Preemptible here) {
    monitor::options_in_force = &options;
    log("monitor: help lists the commands, Tab completes them, poweroff ends the machine");
    while (monitor::read_line(here)) {
        if (monitor::obey(monitor::editor.line(), here) == monitor::Outcome::leave) {
            break;
        }
    }
}

}  // namespace fathom
