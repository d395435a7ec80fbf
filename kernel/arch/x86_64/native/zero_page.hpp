// x86_64: one rep stosq.

#pragma once

namespace fathom::arch {

[[gnu::always_inline]] inline void zero_page(void* page) {
    unsigned long count = 4096 / 8;
    asm volatile("rep stosq" : "+D"(page), "+c"(count) : "a"(0ul) : "memory");
}

}  // namespace fathom::arch
