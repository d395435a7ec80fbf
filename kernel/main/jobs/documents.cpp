// From boot modules to texts.
//
// Context: preemptible.

#include <main/jobs/documents.hpp>

#include <new>

#include <context/log.hpp>
#include <lib/readers/tar.hpp>
#include <mm/direct_map.hpp>
#include <mm/heap.hpp>

namespace fathom {
namespace {

Bytes bytes_of(const BootModule& module) {
    return {mm::phys_to_virt(module.begin).as<const std::byte>(), module.size_bytes};
}

}  // namespace

void LineCursor::find_line() {
    while (document_ != nullptr && offset_ >= document_->text.size()) {
        document_ = document_->next;
        offset_ = 0;
        line_number_ = 1;
    }
    if (document_ != nullptr) {
        const std::size_t end = document_->text.find('\n', offset_);
        end_ = end == std::string_view::npos ? document_->text.size() : end;
    }
}

void LineCursor::advance() {
    offset_ = end_ + 1;
    ++line_number_;
    find_line();
}

DocumentList::~DocumentList() {
    while (first_ != nullptr) {
        Document* const next = first_->next;
        mm::heap_free(first_, here_);
        first_ = next;
    }
}

// The name is kept behind the Document, in the same block.
bool DocumentList::add(std::string_view name, Bytes text, Preemptible here) {
    void* const block = mm::heap_allocate(sizeof(Document) + name.size(), here);
    if (block == nullptr) {
        log("search: out of memory for the list of files");
        return false;
    }
    char* const kept_name = static_cast<char*>(block) + sizeof(Document);
    name.copy(kept_name, name.size());
    auto* const document =
        new (block) Document{{kept_name, name.size()},
                             {reinterpret_cast<const char*>(text.data()), text.size()},
                             nullptr};
    (last_ != nullptr ? last_->next : first_) = document;
    last_ = document;
    ++count_;
    bytes_ += text.size();
    return true;
}

bool DocumentList::read_archive(std::size_t number, Bytes bytes, Preemptible here) {
    TarReader reader(bytes);
    for (;;) {
        const auto file = reader.next();
        if (!file.ok()) {
            log("search: boot module {} is a {} tar archive (at byte {}); what comes before is "
                "searched",
                number, file.error(), reader.position());
            return false;
        }
        if (!*file) {
            return true;
        }
        if (!add((*file)->name, (*file)->content, here)) {
            return false;
        }
    }
}

bool DocumentList::read_module(std::size_t number, Bytes bytes, bool only_one,
                               Preemptible here) {
    if (bytes.empty()) {
        log("search: boot module {} is empty", number);
        return false;
    }
    if (looks_like_tar(bytes)) {
        return read_archive(number, bytes, here);
    }
    char name[24];
    BufferSink sink(name);
    format_to(sink, "module{}", number);
    return add(only_one ? std::string_view() : sink.text(), bytes, here);
}

bool DocumentList::read_modules(const BootInfo& boot, Preemptible here) {
    if (boot.module_count == 0) {
        log("search: no boot module to search; give one that is not empty with INPUT=path");
        return false;
    }
    bool all_well = true;
    for (std::size_t i = 0; i < boot.module_count; ++i) {
        all_well &= read_module(i, bytes_of(boot.modules[i]), boot.module_count == 1, here);
    }
    if (all_well && bytes_ == 0) {
        log("search: the boot modules hold no text: every file in them is empty");
        return false;
    }
    return all_well;
}

}  // namespace fathom
