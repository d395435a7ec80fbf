// Finding nodes and properties in a device tree.
//
// Context: any; no state, no allocation.

#include <algorithm>

#include <lib/readers/device_tree.hpp>

namespace fathom {
namespace {

/// Whether a path's component names the node: "cpu" matches "cpu" and "cpu@0".
bool component_matches(std::string_view component, std::string_view name) {
    if (component == name) {
        return true;
    }
    return component.find('@') == std::string_view::npos && name.size() > component.size() &&
           name.starts_with(component) && name[component.size()] == '@';
}

}  // namespace

// A node's properties come before its children, which want to know.
[[gnu::cold]] void DeviceTree::Walk::note_cells(const Token& property) {
    const auto note = [&](std::string_view name, std::uint8_t& cells) {
        const auto value = ByteView(property.value).big<std::uint32_t>(0);
        if (value && tree_.strings_.has_text(property.name_at, name)) {
            cells = static_cast<std::uint8_t>(*value < 255 ? *value : 255);
        }
    };
    note("#address-cells", cells_[depth_].address);
    note("#size-cells", cells_[depth_].size);
}

std::optional<Node> DeviceTree::Walk::next() {
    for (;;) {
        const Token token = tree_.token_at(at_);
        at_ = token.next;
        switch (token.kind) {
        case Token::Kind::begin_node: {
            const Node node{token.name, at_, depth_, cells_[depth_].address, cells_[depth_].size};
            depth_ += depth_ < kMaxDepth;
            cells_[depth_] = {};
            return node;
        }
        case Token::Kind::end_node: depth_ -= depth_ > 0; break;
        case Token::Kind::property: note_cells(token); break;
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
    return Property{strings_.text(token.name_at).value_or(""), token.value};
}

std::optional<Property> DeviceTree::property(const Node& node, std::string_view name) const {
    Token token = token_at(node.offset);
    for (; token.kind == Token::Kind::property; token = token_at(token.next)) {
        if (strings_.has_text(token.name_at, name)) {
            return Property{name, token.value};
        }
    }
    return std::nullopt;
}

[[gnu::cold]] std::optional<Node> DeviceTree::find(std::string_view path) const {
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

[[gnu::cold]] void DeviceTree::find_compatible(std::span<const std::string_view> names,
                                               std::span<std::optional<Node>> found) const {
    for (Walk walk(*this); const auto node = walk.next();) {
        const auto compatible = property(*node, "compatible");
        if (!compatible) {
            continue;
        }
        for (std::size_t place = 0; const auto listed = compatible->next_string(place);) {
            const auto name = std::ranges::find(names, *listed);
            if (name != names.end() && !found[name - names.begin()] && enabled(*node)) {
                found[name - names.begin()] = node;
            }
        }
    }
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
