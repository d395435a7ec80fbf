// A doubly linked list of nodes that stand inside their owners; empty is all zeros.
//
// Boost.Intrusive serves elsewhere, but its empty list points at itself and so cannot lie in .bss:
// a run queue has 64 of these, and every mutex one. Only what is read is written: the first node's
// `previous` and an empty list's `last_` mean nothing, which makes a queue's turn four stores.
//
// Owns:    ListLinks, NodeList.
// Context: as the owner of the list says; no state of its own. Builds on the host too.

#pragma once

namespace fathom {

/// The links of something that is in at most one list at a time.
template <typename Node>
struct ListLinks {
    Node* previous = nullptr;
    Node* next = nullptr;
};

/// First in, first out, with removal from the middle. `Node` derives from ListLinks<Node>.
template <typename Node>
class NodeList {
public:
    constexpr NodeList() = default;
    NodeList(const NodeList&) = delete;
    NodeList& operator=(const NodeList&) = delete;

    bool empty() const { return first_ == nullptr; }
    Node* first() const { return first_; }
    static Node* after(const Node& node) { return node.next; }

    [[gnu::always_inline]] void push_back(Node& node) {
        node.next = nullptr;
        if (first_ == nullptr) {
            first_ = &node;
        } else {
            append(node);
        }
        last_ = &node;
    }
    /// The first node, taken out. The list must not be empty.
    [[gnu::always_inline]] Node& take_first() {
        Node* const node = first_;
        first_ = node->next;
        return *node;
    }
    /// push_back(node), with take_first() after it. The list must not be empty.
    [[gnu::always_inline]] Node& rotate(Node& node) {
        Node* const first = first_;
        node.next = nullptr;
        append(node);
        last_ = &node;
        first_ = first->next;
        return *first;
    }
    /// The first node, taken out, or null.
    [[gnu::always_inline]] Node* pop_front() {
        Node* const first = first_;
        if (first != nullptr) [[likely]] {
            first_ = first->next;
        }
        return first;
    }

    /// Takes `node`, which must be in this list, out of it.
    void remove(Node& node) {
        if (first_ == &node) {
            first_ = node.next;
            return;
        }
        node.previous->next = node.next;
        if (last_ == &node) {
            last_ = node.previous;
        } else {
            node.next->previous = node.previous;
        }
    }

private:
    [[gnu::always_inline]] void append(Node& node) {
        Node* const last = last_;
        node.previous = last;
        last->next = &node;
    }

    Node* first_ = nullptr;
    Node* last_ = nullptr;  ///< where the list is not empty
};

}  // namespace fathom
