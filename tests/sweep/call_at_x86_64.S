# Calls a function with the stack pointer somewhere else: fathom_call_at(sp, function, argument).

        .section .text.fathom_call_at, "ax", @progbits
        .globl  fathom_call_at
        .type   fathom_call_at, @function
fathom_call_at:
        pushq   %rbp
        movq    %rsp, %rbp
        movq    %rdi, %rsp
        movq    %rdx, %rdi
        callq   *%rsi                   # touches 8 bytes below the swept stack pointer, no more
        movq    %rbp, %rsp
        popq    %rbp
        retq
        .size   fathom_call_at, . - fathom_call_at
        .section .note.GNU-stack, "", @progbits
