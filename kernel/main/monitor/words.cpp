// Taking a line apart.
//
// Context: preemptible.

#include <lib/command_line.hpp>
#include <main/monitor/command.hpp>

namespace fathom::monitor {

std::string_view Words::rest() {
    const std::size_t begin = rest_.find_first_not_of(' ');
    const std::size_t last = rest_.find_last_not_of(' ');
    rest_ = begin == rest_.npos ? std::string_view() : rest_.substr(begin, last + 1 - begin);
    return rest_;
}

std::string_view Words::next() {
    const std::string_view word = rest().substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    return word;
}

Result<std::uint64_t> Words::next_number() {
    const std::string_view word = next();
    if (word.empty()) {
        return Error::not_found;
    }
    return parse_number(word);
}

}  // namespace fathom::monitor
