// A doubly linked list of nodes that stand inside their owners; empty is all zeros.
//
// Boost.Intrusive serves elsewhere, but its empty list points at itself and so cannot lie in .bss:
// a run queue has 64 of these, and every mutex one.
//
// Owns:    ListNode, NodeList.
// Context: as the owner of the list says; no state of its own. Builds on the host too.

#pragma once

namespace fathom {

/// The links of something that is in at most one list at a time.
struct ListNode {
    ListNode* previous = nullptr;
    ListNode* next = nullptr;
};

/// First in, first out, with removal from the middle. `Node` derives from ListNode.
template <typename Node>
class NodeList {
public:
    constexpr NodeList() = default;
    NodeList(const NodeList&) = delete;
    NodeList& operator=(const NodeList&) = delete;

    bool empty() const { return first_ == nullptr; }
    Node* first() const { return static_cast<Node*>(first_); }
    static Node* after(const Node& node) { return static_cast<Node*>(node.next); }

    [[gnu::always_inline]] void push_back(Node& node) {
        ListNode* const last = last_;
        node.previous = last;
        node.next = nullptr;
        last_ = &node;
        if (last != nullptr) {
            last->next = &node;
        } else {
            first_ = &node;
        }
    }
    void push_front(Node& node) {
        ListNode* const first = first_;
        node.previous = nullptr;
        node.next = first;
        first_ = &node;
        if (first != nullptr) {
            first->previous = &node;
        } else {
            last_ = &node;
        }
    }
    /// The first node, taken out. The list must not be empty.
    [[gnu::always_inline]] Node& take_first() {
        ListNode* const node = first_;
        ListNode* const next = node->next;
        first_ = next;
        if (next != nullptr) {
            next->previous = nullptr;
        } else {
            last_ = nullptr;
        }
        return *static_cast<Node*>(node);
    }
    /// take_first(), with push_back(node) after it. The list must not be empty.
    [[gnu::always_inline]] Node& rotate(Node& node) {
        ListNode* const first = first_;
        ListNode* const second = first->next;
        node.next = nullptr;
        if (second == nullptr) {
            node.previous = nullptr;
            first_ = &node;
        } else {
            second->previous = nullptr;
            first_ = second;
            node.previous = last_;
            last_->next = &node;
        }
        last_ = &node;
        return *static_cast<Node*>(first);
    }
    /// The first node, taken out, or null.
    Node* pop_front() { return empty() ? nullptr : &take_first(); }

    /// Takes `node`, which must be in this list, out of it.
    void remove(Node& node) {
        (node.previous != nullptr ? node.previous->next : first_) = node.next;
        (node.next != nullptr ? node.next->previous : last_) = node.previous;
    }

private:
    ListNode* first_ = nullptr;
    ListNode* last_ = nullptr;
};

}  // namespace fathom
