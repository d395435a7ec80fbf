// What the search reads: the boot modules as a list of texts, cut into ranges of whole lines.
//
// A module is one text, or a ustar archive of texts. The modules' bytes stay where the boot loader
// put them; only names and the list are kept on the heap.
//
// Owns:    Document, DocumentList, LineCursor.
// Context: preemptible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <context/witness.hpp>
#include <lib/boot_info.hpp>
#include <lib/readers/byte_view.hpp>

namespace fathom {

/// One text. Lines end in "\n"; a last line without one counts.
struct Document {
    std::string_view name;  ///< empty for the only text of a run
    std::string_view text;
    Document* next = nullptr;
};

/// The begin of a line, or the end of everything (document null).
class LineCursor {
public:
    LineCursor() = default;
    explicit LineCursor(const Document* first) : document_(first) { find_line(); }

    bool at_end() const { return document_ == nullptr; }
    const Document& document() const { return *document_; }
    /// From 1, as grep -n counts.
    std::uint64_t line_number() const { return line_number_; }
    /// Without its "\n".
    std::string_view line() const { return document_->text.substr(offset_, end_ - offset_); }
    /// To the next line, of the next document where this one ends.
    void advance();
    bool operator==(const LineCursor& other) const {
        return document_ == other.document_ && offset_ == other.offset_;
    }

private:
    /// From offset_ to the line that begins there, or on to the next document that has one.
    void find_line();

    const Document* document_ = nullptr;
    std::size_t offset_ = 0;
    std::size_t end_ = 0;  ///< of the line
    std::uint64_t line_number_ = 1;
};

/// All texts of all modules.
class DocumentList {
public:
    explicit DocumentList(Preemptible here) : here_(here) {}
    ~DocumentList();
    DocumentList(const DocumentList&) = delete;
    DocumentList& operator=(const DocumentList&) = delete;

    /// Reads every module; logs what is wrong with one and goes on with the next. False if anything
    /// was wrong.
    /// Context: preemptible, may fault.
    bool read_modules(const BootInfo& boot, Preemptible here);

    const Document* first() const { return first_; }
    std::size_t count() const { return count_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    bool read_module(std::size_t number, Bytes bytes, bool only_one, Preemptible here);
    bool read_archive(std::size_t number, Bytes bytes, Preemptible here);
    bool add(std::string_view name, Bytes text, Preemptible here);

    Document* first_ = nullptr;
    Document* last_ = nullptr;
    std::size_t count_ = 0;
    std::uint64_t bytes_ = 0;
    [[no_unique_address]] Preemptible here_;
};

}  // namespace fathom
