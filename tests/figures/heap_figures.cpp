// malloc and free of one block, hot: from and to the running CPU's list.

#include <figures/measure.hpp>

#include <mm/heap.hpp>

namespace fathom {
namespace {

Cost cost_of_pair(std::size_t bytes, Preemptible here) {
    return measure([=] {
        void* volatile block = mm::heap_allocate(bytes, here);
        mm::heap_free(block, here);
    });
}

// Frames for a large block may have to be split from larger ones, and then merged again: that hangs
// on what else is allocated, and would make equal kernels differ. So it is done with more and more
// such blocks held, and the least counts.
void print_pair(const char* name, std::size_t bytes, Preemptible here) {
    Cost least = cost_of_pair(bytes, here);
    void* held[3];
    for (void*& block : held) {
        block = mm::heap_allocate(bytes, here);
        const Cost cost = cost_of_pair(bytes, here);
        if (cost.warm < least.warm) {
            least.warm = cost.warm;
            least.worst = cost.worst;
        }
    }
    for (void* const block : held) {
        mm::heap_free(block, here);
    }
    print_cost(name, least);
}

}  // namespace

void measure_heap(Preemptible here) {
    print_pair("malloc_free_64", 64, here);
    print_pair("malloc_free_1000", 1000, here);
    print_pair("malloc_free_3000", 3000, here);
    print_pair("malloc_free_40000", 40'000, here);
}

}  // namespace fathom
