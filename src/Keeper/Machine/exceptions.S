// An exception in the keeper is a bug of the keeper: interrupts stay masked for ever (it polls), and it makes no system calls.
// Each core reports on a stack of its own, because the fault may have been the stack.

.section .text.vectors, "ax"
.balign 2048
.global vectors
vectors:
.set kind, 0
.rept 16
    .balign 128
    msr     tpidr_el0, x0
    mov     x0, sp
    msr     tpidrro_el0, x0
    mov     x0, #kind
    msr     contextidr_el1, x0      // a scratch register: no ASIDs, no trace
    b       exception
    .set kind, kind + 1
.endr

.section .text.exception, "ax"
// The frame: x0-x30, sp, ELR, SPSR, ESR, FAR, kind. Machine/ExceptionFrame.cs names them.
exception:
    mrs     x0, tpidr_el1
    add     x0, x0, #1
    lsl     x0, x0, #12
    mov     sp, x0
    adrp    x0, panic_stacks
    add     x0, x0, :lo12:panic_stacks
    add     sp, sp, x0
    sub     sp, sp, #304
    mrs     x0, tpidr_el0
    stp     x0, x1, [sp]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x0, tpidrro_el0
    stp     x30, x0, [sp, #240]
    mrs     x0, elr_el1
    mrs     x1, spsr_el1
    stp     x0, x1, [sp, #256]
    mrs     x0, esr_el1
    mrs     x1, far_el1
    stp     x0, x1, [sp, #272]
    mrs     x0, contextidr_el1
    str     x0, [sp, #288]
    mov     x0, sp
    bl      keeper_exception
    b       halt
