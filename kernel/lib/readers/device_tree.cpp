// Reader of flattened device trees: a header, a block of tokens, a block of property names.
//
// Context: any; no state, no allocation.
// Story:   device_tree_walk.cpp finds nodes and properties in a tree that was opened here.

#include <lib/readers/device_tree.hpp>

#include <lib/units.hpp>

namespace fathom {
namespace {

constexpr std::uint32_t kMagic = 0xd00dfeed;
constexpr std::uint64_t kHeaderBytes = 40;
constexpr std::uint32_t kVersion = 17;

enum TokenWord : std::uint32_t {
    word_begin_node = 1,
    word_end_node = 2,
    word_property = 3,
    word_nop = 4,
    word_end = 9,
};

constexpr std::uint32_t align_token(std::uint64_t offset) {
    return static_cast<std::uint32_t>(align_up(offset, 4));
}

/// Without what follows the last NUL.
ByteView up_to_last_nul(Bytes strings) {
    while (!strings.empty() && strings.back() != std::byte{0}) {
        strings = strings.first(strings.size() - 1);
    }
    return strings;
}

}  // namespace

Result<std::uint32_t> DeviceTree::size_of(Bytes first_bytes) {
    const ByteView view(first_bytes);
    const auto magic = view.big<std::uint32_t>(0);
    const auto size = view.big<std::uint32_t>(4);
    if (!magic || !size) {
        return Error::truncated;
    }
    if (*magic != kMagic || *size < kHeaderBytes) {
        return Error::malformed;
    }
    return *size;
}

[[gnu::cold]] Result<DeviceTree> DeviceTree::open(Bytes blob) {
    const std::uint32_t total = FATHOM_TRY(size_of(blob));
    const auto inside = ByteView(blob).slice(0, total);
    if (!inside) {
        return Error::truncated;
    }
    const ByteView view(*inside);
    const auto field = [&](unsigned index) { return *view.big<std::uint32_t>(index * 4); };
    const std::uint32_t version = field(5);
    const std::uint32_t oldest_compatible = field(6);
    if (version < kVersion || oldest_compatible > kVersion) {
        return Error::unsupported;
    }
    const auto structure = view.slice(field(2), field(9));
    const auto strings = view.slice(field(3), field(8));
    const auto reservations = view.slice(field(4), 0);
    if (!structure || !strings || !reservations) {
        return Error::truncated;
    }
    DeviceTree tree;
    tree.structure_ = *structure;
    tree.strings_ = up_to_last_nul(*strings);
    tree.reservations_ = view.bytes().subspan(field(4));
    if (const auto checked = tree.check(); !checked.ok()) {
        return checked.error();
    }
    return tree;
}

DeviceTree::Token DeviceTree::property_at(std::uint32_t offset) const {
    const auto size = structure_.big<std::uint32_t>(offset + 4);
    const auto name_at = structure_.big<std::uint32_t>(offset + 8);
    const auto value = structure_.slice(offset + 12, size.value_or(~0u));
    if (!value || !name_at || !strings_.holds(*name_at, 1)) {
        return {.kind = Token::Kind::broken, .next = offset};
    }
    return {.kind = Token::Kind::property,
            .next = align_token(std::uint64_t{offset} + 12 + *size),
            .name_at = *name_at,
            .value = *value};
}

DeviceTree::Token DeviceTree::token_at(std::uint32_t offset) const {
    using Kind = Token::Kind;
    auto word = structure_.big<std::uint32_t>(offset);
    while (word == word_nop) {
        offset += 4;
        word = structure_.big<std::uint32_t>(offset);
    }
    switch (word.value_or(0)) {
    case word_property: return property_at(offset);
    case word_begin_node:
        if (const auto name = structure_.text(offset + 4)) {
            return {.kind = Kind::begin_node,
                    .next = align_token(offset + 4 + name->size() + 1),
                    .name = *name};
        }
        break;
    case word_end_node: return {.kind = Kind::end_node, .next = offset + 4};
    case word_end: return {.kind = Kind::end, .next = offset + 4};
    }
    return {.kind = Kind::broken, .next = offset};
}

// One root, everything nested in it, properties before children, no deeper than kMaxDepth, an end.
Result<void> DeviceTree::check() const {
    std::size_t depth = 0;
    bool root_seen = false;
    bool properties_allowed = false;
    for (std::uint32_t at = 0;;) {
        const Token token = token_at(at);
        at = token.next;
        switch (token.kind) {
        case Token::Kind::begin_node:
            if ((depth == 0 && root_seen) || depth == kMaxDepth) {
                return Error::malformed;
            }
            root_seen = true;
            properties_allowed = true;
            ++depth;
            break;
        case Token::Kind::end_node:
            if (depth == 0) {
                return Error::malformed;
            }
            properties_allowed = false;
            --depth;
            break;
        case Token::Kind::property:
            if (!properties_allowed) {
                return Error::malformed;
            }
            break;
        case Token::Kind::end: return depth == 0 && root_seen ? Result<void>() : Error::malformed;
        case Token::Kind::broken:
            return structure_.holds(at, 4) ? Error::malformed : Error::truncated;
        }
    }
}

}  // namespace fathom
