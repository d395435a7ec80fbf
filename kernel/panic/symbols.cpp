// The symbol table: a sorted array, searched by halves.
//
// Owns:    reading the `.symbols` section (its layout is told in tools/make_symbols.py).
// Context: any. The first link of the kernel has an empty section, so every reader copes with that.

#include <panic/symbols.hpp>

namespace fathom {

// Bounds set by the linker scripts.
extern "C" const char fathom_text_begin[];
extern "C" const char fathom_text_end[];
extern "C" const std::uint32_t fathom_symbols_begin[];
extern "C" const std::uint32_t fathom_symbols_end[];

namespace {

/// One record: where the function begins, and where its name does.
struct Entry {
    std::uint32_t code_offset;
    std::uint32_t name_offset;
};

/// Which functions there are, by address. Empty in the first link.
std::span<const Entry> entries() {
    const std::size_t words = fathom_symbols_end - fathom_symbols_begin;
    if (words == 0 || words < 1 + 2 * std::size_t{fathom_symbols_begin[0]}) {
        return {};
    }
    return {reinterpret_cast<const Entry*>(fathom_symbols_begin + 1), fathom_symbols_begin[0]};
}

/// The index of the last entry at or below `code_offset`, or the number of entries if none is.
std::size_t index_of(std::span<const Entry> table, std::uint64_t code_offset) {
    std::size_t low = 0;
    std::size_t high = table.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (table[middle].code_offset <= code_offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? table.size() : low - 1;
}

std::string_view name_at(std::span<const Entry> table, std::uint32_t name_offset) {
    const char* const names = reinterpret_cast<const char*>(table.data() + table.size());
    const char* const end = reinterpret_cast<const char*>(fathom_symbols_end);
    const char* name = names + name_offset;
    std::size_t length = 0;
    while (name + length < end && name[length] != '\0') {
        ++length;
    }
    return {name, length};
}

CodeRange range_at(std::span<const Entry> table, std::size_t index) {
    const VirtAddr base = VirtAddr::of(fathom_text_begin);
    const VirtAddr end = index + 1 < table.size() ? base + table[index + 1].code_offset
                                                  : VirtAddr::of(fathom_text_end);
    return {base + table[index].code_offset, end};
}

}  // namespace

bool in_text(VirtAddr address) {
    return address >= VirtAddr::of(fathom_text_begin) && address < VirtAddr::of(fathom_text_end);
}

[[gnu::cold]] Symbol symbol_of(VirtAddr address) {
    const std::span<const Entry> table = entries();
    if (!in_text(address)) {
        return {};
    }
    const std::uint64_t code_offset = address - VirtAddr::of(fathom_text_begin);
    const std::size_t index = index_of(table, code_offset);
    if (index == table.size()) {
        return {};
    }
    return {name_at(table, table[index].name_offset), code_offset - table[index].code_offset};
}

std::size_t parts_of(VirtAddr address, std::span<CodeRange> out) {
    const std::span<const Entry> table = entries();
    if (!in_text(address) || out.empty()) {
        return 0;
    }
    const std::size_t home = index_of(table, address - VirtAddr::of(fathom_text_begin));
    if (home == table.size()) {
        return 0;
    }
    out[0] = range_at(table, home);
    std::size_t count = 1;
    for (std::size_t index = 0; index < table.size() && count < out.size(); ++index) {
        if (index != home && table[index].name_offset == table[home].name_offset) {
            out[count++] = range_at(table, index);
        }
    }
    return count;
}

}  // namespace fathom
