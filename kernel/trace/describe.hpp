// Trace events in words, for people.
//
// Owns:    describe_payload().
// Context: any.
// Story:   used by the panic report and by the monitor; the events are trace/event.hpp's.

#pragma once

#include <lib/sink.hpp>
#include <trace/event.hpp>

namespace fathom::trace {

/// Appends what the two words of an event say, in at most 30 columns: "to thread 6", ...
/// Context: any.
void describe_payload(const Entry& entry, BufferSink& out);

}  // namespace fathom::trace
