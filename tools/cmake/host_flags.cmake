# How host tests are compiled: the same headers as the kernel's, stand-ins for the arch contracts
# (tests/host/native_host/), AddressSanitizer and UndefinedBehaviorSanitizer.

# Link to it: target_link_libraries(my_test PRIVATE fathom_host_flags GTest::gtest_main)
add_library(fathom_host_flags INTERFACE)
target_compile_features(fathom_host_flags INTERFACE cxx_std_20)
target_compile_options(fathom_host_flags INTERFACE
    -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer
    -fsanitize=address,undefined -fno-sanitize-recover=all
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
target_link_options(fathom_host_flags INTERFACE -fsanitize=address,undefined)
target_include_directories(fathom_host_flags INTERFACE
    ${PROJECT_SOURCE_DIR}/kernel
    ${PROJECT_SOURCE_DIR}/tests/host/native_host
    ${PROJECT_SOURCE_DIR}/tests
    ${PROJECT_BINARY_DIR}/generated)
