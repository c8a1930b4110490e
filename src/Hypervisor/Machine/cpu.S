// Single instructions and registers that C# can't name. C# prototypes: Cpu.cs.
.macro FUNCTION name
    .section .text.\name, "ax"
    .global \name
\name:
.endm
.macro READ name, register
    FUNCTION \name
    mrs     x0, \register
    ret
.endm
.macro WRITE name, register
    FUNCTION \name
    msr     \register, x0
    ret
.endm

READ  esr_el2_read, esr_el2
READ  far_el2_read, far_el2
READ  hpfar_el2_read, hpfar_el2
READ  mpidr_el1_read, mpidr_el1
READ  cntpct_el0_read, cntpct_el0
READ  ich_vtr_el2_read, ich_vtr_el2
READ  ich_vmcr_el2_read, ich_vmcr_el2
READ  ich_elrsr_el2_read, ich_elrsr_el2
READ  ttbr0_el2_read, ttbr0_el2
READ  mdscr_el1_read, mdscr_el1
WRITE mdscr_el1_write, mdscr_el1
WRITE cptr_el2_write, cptr_el2
READ  icc_iar1_el1_read, icc_iar1_el1
WRITE icc_eoir1_el1_write, icc_eoir1_el1
WRITE icc_dir_el1_write, icc_dir_el1

// list_write(index, value): ICH_LR<index>_EL2.
FUNCTION list_write
    adr     x2, 1f
    add     x2, x2, w0, uxtw #3
    br      x2
1:  .irp n, 0, 1, 2, 3
    msr     ich_lr\n\()_el2, x1
    ret
    .endr

// sgi_send(value): the stores that the receiver shall see come first (GIC specification, IHI 0069, ICC_SGI1R_EL1).
FUNCTION sgi_send
    dsb     ishst
    msr     icc_sgi1r_el1, x0
    isb
    ret

// guest_translate(address): PAR_EL1 as after a read by the current guest's EL1: [47:12] the guest physical address, [0] none.
FUNCTION guest_translate
    mrs     x1, par_el1             // it is the guest's
    at      s1e1r, x0
    isb
    mrs     x0, par_el1
    msr     par_el1, x1
    ret

// core_initialise(): the EL2 registers that stay as they are for good.
FUNCTION core_initialise
    mrs     x0, tcr_el2
    and     x0, x0, #7 << 16        // PS is the same (start.S)
    ldr     w1, =0x80003559         // VTCR_EL2: RES1, inner shareable, write-back, start at level 1, 39-bit addresses
    orr     x0, x0, x1
    msr     vtcr_el2, x0
    mrs     x0, midr_el1
    msr     vpidr_el2, x0
    msr     hstr_el2, xzr
    // MDCR_EL2: performance monitors, debug, trace and statistical profiling trap; HPMN stays.
    mrs     x0, mdcr_el2
    and     x0, x0, #0x1F
    ldr     w1, =0x84E60            // TTRF, TPMS, TDRA, TDOSA, TDA, TPM, TPMCR
    orr     x0, x0, x1
    msr     mdcr_el2, x0
    mov     x0, #0xF                // ICC_SRE_EL2: Enable, DIB, DFB, SRE
    msr     icc_sre_el2, x0
    isb
    mov     x0, #7
    msr     icc_sre_el1, x0
    isb
    mov     x0, #0xFF
    msr     icc_pmr_el1, x0
    msr     icc_bpr1_el1, xzr
    mov     x0, #2                  // EOImode: EOI drops the priority, the guest's own EOI (or DIR) deactivates
    msr     icc_ctlr_el1, x0
    mov     x0, #1
    msr     icc_igrpen1_el1, x0
    msr     cntv_ctl_el0, xzr
    isb
    ret
    .ltorg

// tables_publish(): stores to translation tables are seen by every table walker from here on (Arm ARM, "Ordering and
// completion of TLB and translation table updates").
FUNCTION tables_publish
    dsb     ishst
    isb
    ret

// tlb_forget_vm(vttbr): no core holds a translation of that VM any more.
FUNCTION tlb_forget_vm
    dsb     ishst                   // the tables first, or a walker could fetch the old entry again
    mrs     x1, vttbr_el2
    msr     vttbr_el2, x0
    isb
    tlbi    vmalls12e1is
    dsb     ish
    msr     vttbr_el2, x1
    isb
    ret

// tlb_forget_el2(): after a change of EL2's own tables.
FUNCTION tlb_forget_el2
    dsb     ishst
    tlbi    alle2is
    dsb     ish
    isb
    ret

// memory_zero(address, bytes): and cleans it to the point of coherency, because a guest that starts with its caches off
// would otherwise read what memory held before. Bytes are a multiple of 4096.
FUNCTION memory_zero
    mrs     x2, dczid_el0
    and     x2, x2, #0xF
    mov     x3, #4
    lsl     x2, x3, x2
    add     x3, x0, x1
    mov     x4, x0
1:  dc      zva, x4
    add     x4, x4, x2
    cmp     x4, x3
    b.lo    1b
    b       memory_clean

// memory_clean(address, bytes): to the point of coherency.
FUNCTION memory_clean
    add     x3, x0, x1
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4         // DminLine, log2 of words
    mov     x4, #4
    lsl     x2, x4, x2
1:  dc      civac, x0
    add     x0, x0, x2
    cmp     x0, x3
    b.lo    1b
    dsb     sy
    ret

// firmware_call(function, a, b, c): PSCI lies below us (Arm DEN 0022).
FUNCTION firmware_call
    smc     #0
    ret

// lock_acquire(address): from 0 to the low word of this core's vCPU's address, which never is 0: a report of a wait without end names who waits (x1) and who holds it (x2).
// The yield lets an emulator that runs all cores in turn go on with the one that holds it.
FUNCTION lock_acquire
    mrs     x1, tpidr_el2
    mov     w3, #1 << 27            // more time than an honest keeper's calls take: they zero at most 2 MB
1:  ldaxr   w2, [x0]
    cbz     w2, 2f
    yield
    subs    w3, w3, #1
    b.ne    1b
    brk     #1
2:  stxr    w2, w1, [x0]
    cbnz    w2, 1b
    ret

// watchdog_start(seconds): EL2's physical timer is due in one, or, for 0, off.
FUNCTION watchdog_start
    mrs     x1, cntfrq_el0
    msr     cnthp_tval_el2, x1
    cmp     w0, #0
    cset    w0, ne
    msr     cnthp_ctl_el2, x0
    isb
    ret

// wait_for_interrupt(): a physical one, masked or not.
FUNCTION wait_for_interrupt
    dsb     sy
    wfi
    ret

FUNCTION core_halt
    wfi
    b       core_halt

// Places that C# needs to know.
.macro ADDRESS name, symbol
    FUNCTION \name
    adrp    x0, \symbol
    add     x0, x0, :lo12:\symbol
    ret
.endm
ADDRESS secondary_address, secondary_start
ADDRESS code_end, _code_end
ADDRESS bss_end, _end
ADDRESS keeper_image, _keeper_image
READ cntv_ctl_el0_read, cntv_ctl_el0
READ cntv_cval_el0_read, cntv_cval_el0
