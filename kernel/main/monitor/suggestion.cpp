// Distances between words: how many bytes must be put in, taken out or changed (Levenshtein 1966).
//
// Context: preemptible.

#include <main/monitor/suggestion.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

#include <context/log.hpp>
#include <main/monitor/command.hpp>

namespace fathom::monitor {

namespace {

constexpr std::size_t kLongest = 16;
/// Words further apart than this are not alike.
constexpr unsigned kFar = 3;

unsigned distance(std::string_view one, std::string_view other) {
    std::array<std::uint8_t, kLongest + 1> row{};
    for (std::size_t i = 0; i <= other.size(); ++i) {
        row[i] = static_cast<std::uint8_t>(i);
    }
    for (const char byte : one) {
        std::uint8_t diagonal = row[0]++;
        for (std::size_t i = 1; i <= other.size(); ++i) {
            const auto change = static_cast<std::uint8_t>(diagonal + (other[i - 1] != byte));
            diagonal = row[i];
            row[i] = std::min({change, static_cast<std::uint8_t>(row[i] + 1),
                               static_cast<std::uint8_t>(row[i - 1] + 1)});
        }
    }
    return row[other.size()];
}

/// The name of the command that `word` is most like, or nothing if it is like none.
std::string_view most_similar(std::string_view word) {
    std::string_view best;
    unsigned least = kFar;
    if (word.size() > kLongest) {
        return best;
    }
    for (const Command& command : all_commands()) {
        if (command.name.starts_with(word)) {
            return command.name;
        }
        if (const unsigned apart = distance(word, command.name); apart < least) {
            least = apart;
            best = command.name;
        }
    }
    return best;
}

/// What other prompts call it.
bool means_leaving(std::string_view word) {
    static constexpr std::string_view kWords[] = {"quit", "exit", "q", "bye", "logout", "halt",
                                                  "shutdown"};
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace

void report_unknown(std::string_view word) {
    if (means_leaving(word)) {
        log("poweroff ends the machine; Ctrl-] leaves it at once");
        return;
    }
    const std::string_view likely = most_similar(word);
    if (likely.empty()) {
        log("no command is called \"{}\"; help lists them", word);
    } else {
        log("no command is called \"{}\"; did you mean {}?", word, likely);
    }
}

}  // namespace fathom::monitor
