.section .text.deaf, "ax"
.global open_interface, fire_timer, send_sgi
open_interface:
    mov     x0, #0xFF
    msr     icc_pmr_el1, x0
    mov     x0, #1
    msr     icc_igrpen1_el1, x0
    msr     icc_igrpen0_el1, x0
    isb
    ret

// Its time is up since long.
fire_timer:
    msr     cntv_cval_el0, xzr
    mov     x0, #1
    msr     cntv_ctl_el0, x0
    isb
    ret

send_sgi:
    msr     icc_sgi1r_el1, x0
    isb
    ret
