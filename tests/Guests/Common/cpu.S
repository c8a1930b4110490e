// What C# can't say. C# prototypes: Cpu.cs.
.macro FUNCTION name
    .section .text.\name, "ax"
    .global \name
\name:
.endm

// call_hvc(ref CallRegisters), call_smc(ref CallRegisters): x0 to x7 go in and come out.
.macro CALL name, instruction
    FUNCTION \name
    mov     x16, x0
    ldp     x0, x1, [x16]
    ldp     x2, x3, [x16, #16]
    ldp     x4, x5, [x16, #32]
    ldp     x6, x7, [x16, #48]
    stp     x16, x30, [sp, #-16]!
    \instruction
    ldp     x16, x30, [sp], #16
    stp     x0, x1, [x16]
    stp     x2, x3, [x16, #16]
    stp     x4, x5, [x16, #32]
    stp     x6, x7, [x16, #48]
    ret
.endm
CALL call_hvc, "hvc #0"
CALL call_hvc_other, "hvc #0x1234"
CALL call_smc, "smc #0"

FUNCTION wait_for_interrupt
    wfi
    ret

// run(address): executes there.
FUNCTION run
    br      x0
