// What Tab makes of a word.
//
// Context: any.

#include <lib/line_editor.hpp>

#include <algorithm>

namespace fathom {

namespace {

std::string_view common_begin(std::string_view one, std::string_view other) {
    const std::size_t most = std::min(one.size(), other.size());
    std::size_t same = 0;
    while (same < most && one[same] == other[same]) {
        ++same;
    }
    return one.substr(0, same);
}

}  // namespace

/// Shows every word that begins like `typed`, and the line again.
void LineEditor::list(std::span<const std::string_view> words, std::string_view typed,
                      BufferSink& out) const {
    out.write("\n");
    for (const std::string_view word : words) {
        if (word.starts_with(typed)) {
            out.write(word);
            out.write("  ");
        }
    }
    out.write("\n");
    redraw(out);
}

void LineEditor::complete(std::span<const std::string_view> words, BufferSink& out) {
    const std::size_t begin = word_begin();
    const std::size_t known = cursor_ - begin;
    const std::string_view typed{current_.text + begin, known};
    std::string_view common;
    std::size_t found = 0;
    for (const std::string_view word : words) {
        if (word.starts_with(typed)) {
            common = found++ == 0 ? word : common_begin(common, word);
        }
    }
    if (found == 0) {
        return out.write("\a");
    }
    if (found > 1 && common.size() == known) {
        return list(words, typed, out);
    }
    for (const char byte : common.substr(known)) {
        insert(byte, out);
    }
    if (found == 1) {
        insert(' ', out);
    }
}

}  // namespace fathom
