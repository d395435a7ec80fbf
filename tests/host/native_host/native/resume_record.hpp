// Host: a parked thread keeps a frame; no host thread is ever parked.

#pragma once

#include <native/trap_frame.hpp>

namespace fathom::arch {

struct ResumeRecord {
    TrapFrame frame{};
};

}  // namespace fathom::arch
