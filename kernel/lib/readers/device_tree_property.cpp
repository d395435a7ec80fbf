// A device-tree property's value, read in the ways that the specification's types are.
//
// Context: any; no state, no allocation.

#include <lib/readers/device_tree.hpp>

namespace fathom {

std::string_view Property::string() const {
    return ByteView(value).text(0).value_or(std::string_view());
}

std::optional<std::string_view> Property::next_string(std::size_t& place) const {
    const auto item = ByteView(value).text(place);
    if (item) {
        place += item->size() + 1;
    }
    return item;
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
