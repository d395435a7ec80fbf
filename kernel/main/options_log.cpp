// What was wrong with the command line, on the log. Apart from options.cpp, which the host fuzzes.
//
// Context: any.

#include <context/log.hpp>
#include <main/options.hpp>
#include <main/paragraph.hpp>

namespace fathom {

void log_complaints(const Options& options) {
    const std::size_t shown = options.complaint_count < Options::kMaxComplaints
                                  ? options.complaint_count
                                  : Options::kMaxComplaints;
    for (std::size_t i = 0; i < shown; ++i) {
        const Options::Complaint& complaint = options.complaints[i];
        char lead[72];
        BufferSink sink(lead);
        format_to(sink, "command line: \"{}\": ", complaint.word.view());
        print_paragraph(complaint.advice, sink.text());
    }
    if (options.complaint_count > shown) {
        log("command line: and {} more words were not understood", options.complaint_count - shown);
    }
}

}  // namespace fathom
