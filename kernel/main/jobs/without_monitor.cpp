// An image without the monitor: the answer to who asks for it.
//
// Context: preemptible.

#include <main/monitor/monitor.hpp>

#include <context/log.hpp>

namespace fathom {

void run_monitor(const Options&, Preemptible) {
    log("monitor: it is not linked into this image (TYPE=release has it)");
}

}  // namespace fathom
