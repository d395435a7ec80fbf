// malloc and free of one block, hot: from and to the running CPU's list.

#include <figures/measure.hpp>

#include <mm/heap.hpp>

namespace fathom {

void measure_heap(Preemptible here) {
    const auto pair = [here](std::size_t bytes) {
        return measure([=] {
            void* volatile block = mm::heap_allocate(bytes, here);
            mm::heap_free(block, here);
        });
    };
    print_figure("malloc_free_64", pair(64), "instructions");
    print_figure("malloc_free_1000", pair(1000), "instructions");
    print_figure("malloc_free_3000", pair(3000), "instructions");
    print_figure("malloc_free_40000", pair(40'000), "instructions");
}

}  // namespace fathom
