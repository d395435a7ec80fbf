// Host: a CPU that stops ends the test.

#pragma once

#include <cstdlib>

namespace fathom::arch {

[[noreturn]] inline void halt_forever() { std::abort(); }

}  // namespace fathom::arch
