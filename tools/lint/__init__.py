"""`make lint`: Clang's thread-safety analysis of the kernel's contexts and locks."""
