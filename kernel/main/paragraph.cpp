// Breaking text between words.
//
// Context: any.

#include <main/paragraph.hpp>

#include <context/log.hpp>

namespace fathom {

void print_paragraph(std::string_view text, std::string_view lead) {
    constexpr std::size_t kColumns = 80;
    do {
        const std::size_t room = kColumns - (lead.size() < kColumns ? lead.size() : 0);
        std::size_t length = text.size();
        if (length > room) {
            const std::size_t blank = text.rfind(' ', room);
            length = blank == text.npos ? room : blank;
        }
        log("{}{}", lead, text.substr(0, length));
        text.remove_prefix(length);
        text.remove_prefix(text.starts_with(' ') ? 1 : 0);
        lead = "  ";
    } while (!text.empty());
}

}  // namespace fathom
