// Reader of flattened device trees (Devicetree Specification 0.4, chapter 5), version 17.
//
// open() walks the whole structure once and refuses what is not well-formed, so that the walks
// after it need no error paths; each read is bounds-checked all the same.
//
// Owns:    DeviceTree and its nodes and properties. What the kernel wants from a tree is
//          readers/machine.hpp's.
// Context: any; no state, no allocation.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <lib/readers/byte_view.hpp>
#include <lib/result.hpp>

namespace fathom {

/// A property's value, read in the ways that the specification's types are.
struct Property {
    std::string_view name;
    Bytes value;

    /// The first string of a <string> or <stringlist>; empty where it is not terminated.
    std::string_view string() const;
    /// The next string of a <stringlist>; `place` starts at 0.
    std::optional<std::string_view> next_string(std::size_t& place) const;
    /// The 32-bit cell at `index`.
    std::optional<std::uint32_t> cell(std::size_t index) const;
    /// `count` (0 to 2) cells from `index` on, as one number.
    std::optional<std::uint64_t> number(std::size_t index, unsigned count) const;
};

/// An address range of a `reg` property or of the reservation block.
struct DeviceRange {
    std::uint64_t address = 0;
    std::uint64_t size_bytes = 0;
};

/// A node: a place in the structure block and what its parent says about its `reg`.
struct Node {
    std::string_view name;           ///< with the unit address: "memory@40000000"; "" for the root
    std::uint32_t offset = 0;        ///< of what follows its name
    std::uint8_t depth = 0;          ///< 0 for the root
    std::uint8_t address_cells = 2;  ///< of its parent
    std::uint8_t size_cells = 1;
};

class DeviceTree {
public:
    /// Nodes may lie so deep.
    static constexpr std::size_t kMaxDepth = 32;

    /// Errors: truncated, malformed, unsupported (not readable as version 17).
    /// Context: any.
    static Result<DeviceTree> open(Bytes blob);

    /// Bytes that a tree says it has, from its first 8 bytes: how much to pass to open().
    /// Errors: truncated, malformed (wrong magic).
    /// Context: any.
    static Result<std::uint32_t> size_of(Bytes first_bytes);

private:
    struct Token;

public:
    /// Walks every node, parents before children.
    ///     for (DeviceTree::Walk walk(tree); auto node = walk.next();) ...
    class Walk {
    public:
        explicit Walk(const DeviceTree& tree) : tree_(tree) {}
        /// The next node, or nothing after the last.
        std::optional<Node> next();

    private:
        void note_cells(const Token& property);

        struct Cells {
            std::uint8_t address = 2;
            std::uint8_t size = 1;
        };
        const DeviceTree& tree_;
        std::uint32_t at_ = 0;
        std::uint8_t depth_ = 0;
        Cells cells_[kMaxDepth + 1];  ///< what the node at each depth says about its children
    };

    std::optional<Property> property(const Node& node, std::string_view name) const;
    /// The property that follows `previous`'s place in the node; for listing them all. `place`
    /// starts at 0.
    std::optional<Property> next_property(const Node& node, std::uint32_t& place) const;

    /// The node at an absolute path; a component without "@" matches any unit address.
    std::optional<Node> find(std::string_view path) const;
    /// For each of the names the first node whose `compatible` lists it and whose status is not
    /// "disabled": found[i] for names[i], in one walk.
    void find_compatible(std::span<const std::string_view> names,
                         std::span<std::optional<Node>> found) const;
    /// Whether its status (if it has one) allows its use.
    bool enabled(const Node& node) const;

    /// The range at `index` of its `reg`.
    std::optional<DeviceRange> reg(const Node& node, std::size_t index) const;
    /// An entry of the reservation block; nothing past the last.
    std::optional<DeviceRange> reservation(std::size_t index) const;

private:
    struct Token {
        enum class Kind : std::uint8_t { begin_node, end_node, property, end, broken };
        Kind kind = Kind::broken;
        std::uint32_t next = 0;      ///< where the token after it starts
        std::string_view name = {};  ///< a node's
        std::uint32_t name_at = 0;   ///< a property's, in strings_
        Bytes value = {};
    };

    Token token_at(std::uint32_t offset) const;
    Token property_at(std::uint32_t offset) const;
    Result<void> check() const;

    ByteView structure_;
    ByteView strings_;  ///< up to the last NUL: every name that begins in it ends in it
    ByteView reservations_;
};

}  // namespace fathom
