// attempt(index): one access to a register that is not the guest's, then back. x0 is what a read left.
.section .text.attempt, "ax"
.global attempt, attempt_count
attempt:
    adr     x1, attempts
    add     x1, x1, x0, lsl #3
    mov     x0, #0
    br      x1
attempts:
    // EL2's and EL3's
    .irp register, hcr_el2, vttbr_el2, vtcr_el2, vbar_el2, sctlr_el2, tcr_el2, ttbr0_el2, cptr_el2, mdcr_el2, cnthctl_el2, cntvoff_el2, cnthp_ctl_el2
    mrs     x0, \register
    ret
    msr     \register, x0
    ret
    .endr
    .irp register, elr_el2, spsr_el2, esr_el2, far_el2, hpfar_el2, tpidr_el2, vmpidr_el2, vpidr_el2, ich_hcr_el2, ich_lr0_el2, ich_vmcr_el2, icc_sre_el2, scr_el3, sctlr_el3, vbar_el3
    mrs     x0, \register
    ret
    .endr
    // The handset's physical timer, which is the keeper's
    .irp register, cntp_ctl_el0, cntp_cval_el0, cntp_tval_el0
    mrs     x0, \register
    ret
    msr     \register, x0
    ret
    .endr
    // Performance monitors, which would count the others' work
    .irp register, pmcr_el0, pmccntr_el0, pmcntenset_el0, pmintenset_el1, pmuserenr_el0, pmselr_el0, pmovsclr_el0
    mrs     x0, \register
    ret
    msr     \register, x0
    ret
    .endr
    // (The implementation's own, CRn 11 and 15, trap by HCR_EL2.TIDCP, which QEMU has from 8.1 on.)
    // Translations and TLBs of others
    at      s1e2r, x0
    ret
    at      s12e1r, x0
    ret
    tlbi    alle1
    ret
    tlbi    alle2
    ret
    tlbi    vmalls12e1
    ret
attempts_end:

attempt_count:
    mov     x0, #(attempts_end - attempts) / 8
    ret
