// A device-tree property's value, read in the ways that the specification's types are.
//
// Context: any; no state, no allocation.

#include <lib/readers/device_tree.hpp>

namespace fathom {

std::string_view Property::string() const {
    return ByteView(value).text(0).value_or(std::string_view());
}

bool Property::lists(std::string_view string) const {
    const ByteView view(value);
    for (std::size_t at = 0; at < value.size();) {
        const auto item = view.text(at);
        if (!item) {
            return false;
        }
        if (*item == string) {
            return true;
        }
        at += item->size() + 1;
    }
    return false;
}

std::optional<std::uint32_t> Property::cell(std::size_t index) const {
    return ByteView(value).big<std::uint32_t>(index * 4);
}

std::optional<std::uint64_t> Property::number(std::size_t index, unsigned count) const {
    if (count > 2) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    for (unsigned i = 0; i < count; ++i) {
        const auto next = cell(index + i);
        if (!next) {
            return std::nullopt;
        }
        number = number << 32 | *next;
    }
    return number;
}

}  // namespace fathom
