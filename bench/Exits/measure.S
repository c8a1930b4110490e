// The loops that `pocket bench exits` measures. C# prototypes: Measure.cs.
//
// A tick of the counter is 8 instructions, so that one interval is off by up to 7. What loops do is measured as a whole. What ends in an
// interrupt handler is measured one by one, and the sum made exact:
//
//   - where it begins anywhere between two ticks: by a random number of instructions before it, from 0 to 7;
//   - where it begins with a tick, as timers do: by 0, 1, … 7 instructions after it in turn. Of eight rounds that take d instructions,
//     the sum of ⌊(d + k) / 8⌋ is d (Hermite).
//
// Interrupts are open only here. The vector jumps to x28: that and reading the counter are the constants that Program.cs subtracts.
//
//   x19 rounds left   x20 argument   x21 sum   x22 random   x8 begin   x9 end; 0 before   x27 where the handler goes on   x28 handler

.macro FUNCTION name
    .section .text.\name, "ax"
    .global \name
\name:
.endm

.macro ENTER handler
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    adr     x9, measure_vectors
    msr     vbar_el1, x9
    isb
    mov     x19, x0
    mov     x20, x1
    mov     x21, #0
    mov     x22, #1
    mov     x9, #0
    .ifnb \handler
    adr     x28, \handler
    .endif
.endm

.macro LEAVE
    mov     x0, x21
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #96
    ret
.endm

// A whole loop: the same instructions but one.
.macro LOOP name, instruction:vararg
    FUNCTION \name
    ENTER
    isb
    mrs     x8, cntvct_el0
1:  mov     x0, x20
    \instruction
    subs    x19, x19, #1
    b.ne    1b
    mrs     x9, cntvct_el0
    sub     x21, x9, x8
    LEAVE
.endm

LOOP measure_nothing
LOOP measure_hypercall, hvc #0
LOOP measure_read, ldr w9, [x20]
LOOP measure_write, str wzr, [x20]

FUNCTION measure_touch
    ENTER
    mrs     x8, cntvct_el0
1:  str     xzr, [x20]
    add     x20, x20, #4096
    subs    x19, x19, #1
    b.ne    1b
    mrs     x9, cntvct_el0
    sub     x21, x9, x8
    LEAVE

// 0 to 7 instructions, at random (the multiplier is Knuth's, MMIX).
.macro DITHER
    ldr     x10, =6364136223846793005
    mul     x22, x22, x10
    add     x22, x22, #1
    lsr     x10, x22, #61
    adr     x11, 9f
    add     x11, x11, x10, lsl #2
    br      x11
9:  .rept 7
    nop
    .endr
.endm

.macro NEXT
    sub     x9, x9, x8
    add     x21, x21, x9
    mov     x9, #0
    subs    x19, x19, #1
.endm

.macro SGI name, handler
    FUNCTION \name
    ENTER   \handler
    msr     daifclr, #2
1:  DITHER
    mrs     x8, cntvct_el0
    msr     icc_sgi1r_el1, x20
    isb
2:  cbz     x9, 2b
    NEXT
    b.ne    1b
    msr     daifset, #2
    LEAVE
    .ltorg
.endm
SGI measure_sgi, sgi_came
SGI measure_eoi, sgi_ends

FUNCTION sgi_came
    mrs     x9, cntvct_el0
    mrs     x10, icc_iar1_el1
    msr     icc_eoir1_el1, x10
    eret

FUNCTION sgi_ends
    mrs     x10, icc_iar1_el1
    mrs     x8, cntvct_el0
    msr     icc_eoir1_el1, x10
    mrs     x9, cntvct_el0
    eret

.macro TIMER name, wait
    FUNCTION \name
    ENTER   timer_came
    adr     x26, timer_stamp
    msr     daifclr, #2
1:  and     x10, x19, #7
    sub     x27, x26, x10, lsl #2
    mrs     x8, cntvct_el0
    add     x8, x8, x20
    msr     cntv_cval_el0, x8
    mov     x10, #1
    msr     cntv_ctl_el0, x10
    isb
2:  \wait
    cbz     x9, 2b
    NEXT
    b.ne    1b
    msr     daifset, #2
    LEAVE
.endm
TIMER measure_timer, nop
TIMER measure_sleep, wfi

FUNCTION timer_came
    br      x27
    .rept 7
    nop
    .endr
timer_stamp:
    mrs     x9, cntvct_el0
    mrs     x10, icc_iar1_el1
    msr     cntv_ctl_el0, xzr
    isb
    msr     icc_eoir1_el1, x10
    eret

// measure_ipi(rounds, sgi, pause). Who waits for the other yields: QEMU's vCPUs take turns on one thread, and one that spins keeps its turn.
FUNCTION measure_ipi
    mov     x3, x2
    ENTER
    mov     x23, x3
    adrp    x24, mailbox
    add     x24, x24, :lo12:mailbox
1:  mrs     x10, cntvct_el0
2:  yield
    mrs     x11, cntvct_el0
    sub     x11, x11, x10
    cmp     x11, x23
    b.lo    2b
    DITHER
    mrs     x8, cntvct_el0
    msr     icc_sgi1r_el1, x20
    isb
3:  ldar    x9, [x24]
    cbnz    x9, 4f
    yield
    b       3b
4:  stlr    xzr, [x24]
    NEXT
    b.ne    1b
    LEAVE
    .ltorg

FUNCTION receive
    adr     x9, measure_vectors
    msr     vbar_el1, x9
    isb
    adr     x28, ipi_came
    adrp    x24, mailbox
    add     x24, x24, :lo12:mailbox
    msr     daifclr, #2
1:  ldr     x9, [x24, #8]
    cbnz    x9, 2f
    yield
    b       1b
2:  wfi
    b       2b

FUNCTION ipi_came
    mrs     x9, cntvct_el0
    mrs     x10, icc_iar1_el1
    msr     icc_eoir1_el1, x10
    stlr    x9, [x24]
    eret

FUNCTION receiver_sleeps
    adrp    x1, mailbox
    add     x1, x1, :lo12:mailbox
    mov     x0, #1
    str     x0, [x1, #8]
    dsb     ish
    ret

// measure_gaps(count, threshold, ref ran): begins with the end of a gap.
FUNCTION measure_gaps
    mov     x3, x2
    ENTER
    mov     x23, x3
    mov     x24, #0                 // begin of the first whole run; 0 before
    mrs     x8, cntvct_el0
1:  mrs     x9, cntvct_el0
    sub     x10, x9, x8
    mov     x8, x9
    cmp     x10, x20
    b.lo    1b
    cbnz    x24, 2f
    mov     x24, x9
    b       1b
2:  add     x21, x21, x10
    subs    x19, x19, #1
    b.ne    1b
    sub     x9, x9, x24
    sub     x9, x9, x21
    str     x9, [x23]
    LEAVE

FUNCTION open_interface
    mov     x0, #7
    msr     icc_sre_el1, x0
    isb
    msr     icc_ctlr_el1, xzr
    mov     x0, #0xFF
    msr     icc_pmr_el1, x0
    mov     x0, #1
    msr     icc_igrpen1_el1, x0
    isb
    ret

FUNCTION counter_frequency
    mrs     x0, cntfrq_el0
    ret

.section .text.measure_vectors, "ax"
.balign 2048
measure_vectors:
    .rept 5
    .balign 128
    b       stray
    .endr
    .balign 128
    br      x28
    .rept 10
    .balign 128
    b       stray
    .endr
stray:
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    bl      guest_exception

.section .bss
.balign 8
mailbox: .space 16                  // when the interrupt came; whether the receiver shall sleep
