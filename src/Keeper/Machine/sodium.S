// What libsodium's object files ask for instead of a C library. Their own sodium_memzero would bring malloc and mprotect along.

.macro FUNCTION name
.section .text.\name, "ax"
.global \name
\name:
.endm

FUNCTION memcpy                     // x0 to, x1 from, x2 bytes; returns x0. Only for what is shorter than a block of 64
    mov     x3, x0
1:  cbz     x2, 2f
    ldrb    w4, [x1], #1
    strb    w4, [x3], #1
    sub     x2, x2, #1
    b       1b
2:  ret

FUNCTION sodium_memzero             // x0 at, x1 bytes: secrets go, whatever a compiler thinks
1:  cbz     x1, 2f
    strb    wzr, [x0], #1
    sub     x1, x1, #1
    b       1b
2:  ret

FUNCTION __stack_chk_fail           // a function's stack was overwritten
    b       RhpFallbackFailFast

.section .rodata.__stack_chk_guard, "a"
.balign 8
.global __stack_chk_guard
__stack_chk_guard: .quad 0x5A5A1234C0FFEE77
