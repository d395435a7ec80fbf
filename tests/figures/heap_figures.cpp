// malloc and free of one block, hot: from and to the running CPU's list.

#include <figures/measure.hpp>

#include <mm/heap.hpp>

namespace fathom {

void measure_heap(Preemptible here) {
    const auto print_pair = [here](const char* name, std::size_t bytes) {
        print_cost(name, measure([=] {
                       void* volatile block = mm::heap_allocate(bytes, here);
                       mm::heap_free(block, here);
                   }));
    };
    print_pair("malloc_free_64", 64);
    print_pair("malloc_free_1000", 1000);
    print_pair("malloc_free_3000", 3000);
    print_pair("malloc_free_40000", 40'000);
}

}  // namespace fathom
