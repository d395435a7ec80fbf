// Reader of flattened device trees: a header, a block of tokens, a block of property names.
//
// Context: any; no state, no allocation.

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

/// Whether a path's component names the node: "cpu" matches "cpu" and "cpu@0".
bool component_matches(std::string_view component, std::string_view name) {
    if (component == name) {
        return true;
    }
    return component.find('@') == std::string_view::npos && name.size() > component.size() &&
           name.starts_with(component) && name[component.size()] == '@';
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

Result<DeviceTree> DeviceTree::open(Bytes blob) {
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
    tree.strings_ = *strings;
    tree.reservations_ = view.bytes().subspan(field(4));
    if (const auto checked = tree.check(); !checked.ok()) {
        return checked.error();
    }
    return tree;
}

DeviceTree::Token DeviceTree::token_at(std::uint32_t offset) const {
    using Kind = Token::Kind;
    while (structure_.big<std::uint32_t>(offset) == word_nop) {
        offset += 4;
    }
    const Token broken{Kind::broken, offset, {}, {}};
    switch (structure_.big<std::uint32_t>(offset).value_or(0)) {
    case word_begin_node: {
        const auto name = structure_.text(offset + 4);
        return name ? Token{Kind::begin_node, align_token(offset + 4 + name->size() + 1), *name, {}}
                    : broken;
    }
    case word_end_node: return {Kind::end_node, offset + 4, {}, {}};
    case word_property: {
        const auto size = structure_.big<std::uint32_t>(offset + 4);
        const auto name_offset = structure_.big<std::uint32_t>(offset + 8);
        const auto value = structure_.slice(offset + 12, size.value_or(~0u));
        const auto name = name_offset ? strings_.text(*name_offset) : std::nullopt;
        return value && name ? Token{Kind::property,
                                     align_token(std::uint64_t{offset} + 12 + *size), *name, *value}
                             : broken;
    }
    case word_end: return {Kind::end, offset + 4, {}, {}};
    default: return broken;
    }
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

std::optional<Node> DeviceTree::Walk::next() {
    for (;;) {
        const Token token = tree_.token_at(at_);
        at_ = token.next;
        switch (token.kind) {
        case Token::Kind::begin_node: {
            const Cells parent = depth_ == 0 ? Cells{} : cells_[depth_ - 1];
            const Node node{token.name, at_, depth_, parent.address, parent.size};
            const auto cells_of = [&](std::string_view name, std::uint8_t usual) {
                const auto found = tree_.property(node, name);
                const std::uint32_t value = found ? found->cell(0).value_or(usual) : usual;
                return static_cast<std::uint8_t>(value < 255 ? value : 255);
            };
            if (depth_ < kMaxDepth) {
                cells_[depth_] = {cells_of("#address-cells", 2), cells_of("#size-cells", 1)};
                ++depth_;
            }
            return node;
        }
        case Token::Kind::end_node: depth_ -= depth_ > 0; break;
        case Token::Kind::property: break;
        case Token::Kind::end:
        case Token::Kind::broken: at_ = 0xffff'fffc; return std::nullopt;
        }
    }
}

std::optional<Property> DeviceTree::next_property(const Node& node, std::uint32_t& place) const {
    const Token token = token_at(place == 0 ? node.offset : place);
    if (token.kind != Token::Kind::property) {
        return std::nullopt;
    }
    place = token.next;
    return Property{token.name, token.value};
}

std::optional<Property> DeviceTree::property(const Node& node, std::string_view name) const {
    for (std::uint32_t place = 0; const auto found = next_property(node, place);) {
        if (found->name == name) {
            return found;
        }
    }
    return std::nullopt;
}

std::optional<Node> DeviceTree::find(std::string_view path) const {
    Walk walk(*this);
    auto node = walk.next();
    std::uint8_t matched = 0;  // depth of the node that the path has led to so far
    while (node && !path.empty()) {
        if (path.front() == '/') {
            path.remove_prefix(1);
            continue;
        }
        const std::string_view component = path.substr(0, path.find('/'));
        do {
            node = walk.next();
            if (node && node->depth <= matched) {
                return std::nullopt;
            }
        } while (node && (node->depth != matched + 1 || !component_matches(component, node->name)));
        ++matched;
        path.remove_prefix(component.size());
    }
    return node;
}

bool DeviceTree::enabled(const Node& node) const {
    const auto status = property(node, "status");
    return !status || status->string() == "okay" || status->string() == "ok";
}

std::optional<Node> DeviceTree::find_compatible(std::string_view name) const {
    for (Walk walk(*this); const auto node = walk.next();) {
        const auto compatible = property(*node, "compatible");
        if (compatible && compatible->lists(name) && enabled(*node)) {
            return node;
        }
    }
    return std::nullopt;
}

std::optional<DeviceRange> DeviceTree::reg(const Node& node, std::size_t index) const {
    const auto found = property(node, "reg");
    if (!found) {
        return std::nullopt;
    }
    const std::size_t first = index * (node.address_cells + node.size_cells);
    const auto address = found->number(first, node.address_cells);
    const auto size = found->number(first + node.address_cells, node.size_cells);
    // A tree that gives no cells at all would have endless empty ranges.
    if (!address || !size || node.address_cells == 0) {
        return std::nullopt;
    }
    return DeviceRange{*address, *size};
}

std::optional<DeviceRange> DeviceTree::reservation(std::size_t index) const {
    const auto address = reservations_.big<std::uint64_t>(index * 16);
    const auto size = reservations_.big<std::uint64_t>(index * 16 + 8);
    if (!address || !size || (*address == 0 && *size == 0)) {
        return std::nullopt;
    }
    return DeviceRange{*address, *size};
}

}  // namespace fathom
