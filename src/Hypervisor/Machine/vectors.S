// Exceptions taken to EL2 (Arm ARM, "Exception vectors"). Between traps the stack of a core is empty and TPIDR_EL2 holds its
// current vCPU, so a trap saves straight into the vCPU and a handler in C# may change which one goes on.
#include "layout.inc"

// An entry takes 4 to 28 of its 128 bytes. image.ld puts one each in its place and other functions into the gaps.
.macro FROM_GUEST number, handler, syndrome
    .section .text.vector.\number, "ax"
vector_\number:
    stp     x0, x1, [sp, #-16]!
    mrs     x0, tpidr_el2
    stp     x29, x30, [x0, #VCPU_X + 8 * 29]
    bl      save_guest
    .ifnb   \syndrome
    mrs     x1, \syndrome
    .endif
    bl      \handler                // (ref Vcpu, syndrome)
    b       resume_guest
.endm
.macro LIKE number, other
    .section .text.vector.\number, "ax"
    b       vector_\other
.endm

.macro FROM_SELF number
    .section .text.vector.\number, "ax"
    stp     x0, x1, [sp, #-16]!
    mov     x0, #\number
    b       own_exception
.endm

    FROM_SELF 0                     // with SP_EL0, which EL2 does not use
    FROM_SELF 1
    FROM_SELF 2
    FROM_SELF 3
    FROM_SELF 4                     // a mistake of ours
    FROM_SELF 5
    FROM_SELF 6
    FROM_SELF 7
    FROM_GUEST 8, guest_synchronous, esr_el2 // AArch64 guests: synchronous, IRQ, FIQ, SError
    FROM_GUEST 9, guest_interrupt
    LIKE 10, 9
    LIKE 11, 8
    LIKE 12, 8                      // AArch32 guests
    LIKE 13, 9
    LIKE 14, 9
    LIKE 15, 8

.section .text.save_guest, "ax"
.global save_guest
save_guest:                         // x0 = vCPU; its own x0 and x1 lie on the stack
    stp     x2, x3, [x0, #8 * 2]
    stp     x4, x5, [x0, #8 * 4]
    stp     x6, x7, [x0, #8 * 6]
    stp     x8, x9, [x0, #8 * 8]
    stp     x10, x11, [x0, #8 * 10]
    stp     x12, x13, [x0, #8 * 12]
    stp     x14, x15, [x0, #8 * 14]
    stp     x16, x17, [x0, #8 * 16]
    stp     x18, x19, [x0, #8 * 18]
    stp     x20, x21, [x0, #8 * 20]
    stp     x22, x23, [x0, #8 * 22]
    stp     x24, x25, [x0, #8 * 24]
    stp     x26, x27, [x0, #8 * 26]
    str     x28, [x0, #8 * 28]
    ldp     x2, x3, [sp], #16
    stp     x2, x3, [x0]
    mrs     x2, elr_el2
    mrs     x3, spsr_el2
    stp     x2, x3, [x0, #VCPU_PC]
    ldr     x2, [x0, #VCPU_EXITS]
    add     x2, x2, #1
    str     x2, [x0, #VCPU_EXITS]
    ret

.section .text.resume_guest, "ax"
.global resume_guest
resume_guest:
    mrs     x0, tpidr_el2
    ldp     x2, x3, [x0, #VCPU_PC]
    msr     elr_el2, x2
    msr     spsr_el2, x3
    ldp     x2, x3, [x0, #8 * 2]
    ldp     x4, x5, [x0, #8 * 4]
    ldp     x6, x7, [x0, #8 * 6]
    ldp     x8, x9, [x0, #8 * 8]
    ldp     x10, x11, [x0, #8 * 10]
    ldp     x12, x13, [x0, #8 * 12]
    ldp     x14, x15, [x0, #8 * 14]
    ldp     x16, x17, [x0, #8 * 16]
    ldp     x18, x19, [x0, #8 * 18]
    ldp     x20, x21, [x0, #8 * 20]
    ldp     x22, x23, [x0, #8 * 22]
    ldp     x24, x25, [x0, #8 * 24]
    ldp     x26, x27, [x0, #8 * 26]
    ldp     x28, x29, [x0, #8 * 28]
    ldr     x30, [x0, #8 * 30]
    ldp     x0, x1, [x0]
    eret
    dsb     nsh                     // nothing after an ERET may run, not even speculatively
    isb

.section .text.own_exception, "ax"
.global own_exception
own_exception:                      // x0 = which vector; x0, x1 on the stack
    mrs     x1, elr_el2
panic:                              // x0 = kind, x1 = where
    sub     sp, sp, #240
    stp     x2, x3, [sp]
    stp     x4, x5, [sp, #16]
    stp     x6, x7, [sp, #32]
    stp     x8, x9, [sp, #48]
    stp     x10, x11, [sp, #64]
    stp     x12, x13, [sp, #80]
    stp     x14, x15, [sp, #96]
    stp     x16, x17, [sp, #112]
    stp     x18, x19, [sp, #128]
    stp     x20, x21, [sp, #144]
    stp     x22, x23, [sp, #160]
    stp     x24, x25, [sp, #176]
    stp     x26, x27, [sp, #192]
    stp     x28, x29, [sp, #208]
    str     x30, [sp, #224]
    ldp     x3, x4, [sp, #240]      // x0 and x1; rubbish after a failed check
    stp     x3, x4, [sp, #-16]!
    mov     x2, sp
    b       hypervisor_panic        // Traps/Panic.cs: does not return

// A check of the language failed (System.Runtime.FailedCheck in w0); x29 leads to the place.
.global bare_panic, RhpFallbackFailFast
RhpFallbackFailFast:
bare_panic:
    add     x0, x0, #16
    ldr     x1, [x29, #8]
    b       panic
