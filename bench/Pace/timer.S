// The virtual timer at a fixed period. C# prototypes: Timer.cs, Disturbance.cs.
.macro FUNCTION name
    .section .text.\name, "ax"
    .global \name
\name:
.endm

FUNCTION counter
    isb
    mrs     x0, cntvct_el0
    ret

// timer_begin(period in ticks)
FUNCTION timer_begin
    adrp    x1, period
    str     x0, [x1, :lo12:period]
    adr     x1, vectors_with_timer
    msr     vbar_el1, x1
    mov     x1, #0xFF
    msr     icc_pmr_el1, x1
    mov     x1, #1
    msr     icc_igrpen1_el1, x1
    mrs     x1, cntvct_el0
    add     x1, x1, x0
    msr     cntv_cval_el0, x1
    mov     x1, #1
    msr     cntv_ctl_el0, x1
    isb
    msr     daifclr, #2
    ret

FUNCTION timer_stop
    msr     cntv_ctl_el0, xzr
    isb
    ret

FUNCTION timer_count
    adrp    x0, ticks
    ldr     x0, [x0, :lo12:ticks]
    ret

FUNCTION forget_translations
    dsb     ish
    tlbi    vmalle1is
    dsb     ish
    isb
    ret

// Everything but an interrupt is a mistake: guest_exception says where.
.section .text.timer_vectors, "ax"
.balign 2048
vectors_with_timer:
    .rept 5
    .balign 128
    b       mistake
    .endr
    .balign 128
    b       tick
    .rept 10
    .balign 128
    b       mistake
    .endr

tick:
    stp     x0, x1, [sp, #-48]!
    stp     x2, x3, [sp, #16]
    str     x4, [sp, #32]
    mrs     x0, icc_iar1_el1
    adrp    x1, period
    ldr     x1, [x1, :lo12:period]
    mrs     x2, cntv_cval_el0
    add     x2, x2, x1
    mrs     x3, cntvct_el0          // who was away for long does not make up for what he missed
    cmp     x2, x3
    b.hi    1f
    add     x2, x3, x1
1:  msr     cntv_cval_el0, x2
    adrp    x3, ticks
    ldr     x4, [x3, :lo12:ticks]
    add     x4, x4, #1
    str     x4, [x3, :lo12:ticks]
    isb
    msr     icc_eoir1_el1, x0
    ldr     x4, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp], #48
    eret

mistake:
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    bl      guest_exception

.section .bss, "aw", %nobits
.balign 8
period: .space 8
ticks:  .space 8
