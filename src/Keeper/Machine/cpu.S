// One function for each instruction that C# cannot express. Machine/Cpu.cs, Memory.cs and Crc32C.cs declare them.

.macro FUNCTION name
.section .text.\name, "ax"
.global \name
\name:
.endm

FUNCTION cpu_index
    mrs     x0, tpidr_el1
    ret
FUNCTION cpu_counter                // the physical counter; isb, so that it is not read ahead of what it times
    isb
    mrs     x0, cntpct_el0
    ret
FUNCTION cpu_counter_frequency
    mrs     x0, cntfrq_el0
    ret
FUNCTION cpu_set_timer              // x0 compare value
    msr     cntp_cval_el0, x0
    mov     x0, #1
    msr     cntp_ctl_el0, x0
    isb
    ret
FUNCTION cpu_stop_timer
    msr     cntp_ctl_el0, xzr
    isb
    ret
FUNCTION cpu_wait_for_interrupt
    dsb     sy
    wfi
    ret
FUNCTION cpu_yield
    yield
    ret
FUNCTION cpu_barrier
    dsb     sy
    ret
FUNCTION cpu_mpidr
    mrs     x0, mpidr_el1
    ret

FUNCTION cpu_id_register            // w0 = CRm * 8 + op2: two instructions each, from CRm 1 on
    adr     x1, 1f - 8 * 8
    add     x1, x1, w0, uxtw #3
    br      x1
1:  .irp crm, 1, 2, 3, 4, 5, 6, 7
    .irp op, 0, 1, 2, 3, 4, 5, 6, 7
    mrs     x0, s3_0_c0_c\crm\()_\op
    ret
    .endr
    .endr

// SMCCC by HVC. x0 → struct { x0 … x4 }, in and out.
FUNCTION cpu_hvc
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    str     x0, [sp, #16]
    mov     x9, x0
    ldp     x0, x1, [x9]
    ldp     x2, x3, [x9, #16]
    ldr     x4, [x9, #32]
    hvc     #0
    ldr     x9, [sp, #16]
    stp     x0, x1, [x9]
    stp     x2, x3, [x9, #16]
    str     x4, [x9, #32]
    ldp     x29, x30, [sp], #32
    ret

// x0 VM, x1 vCPU, x2 answer to the last MMIO read, x3 whether it is alone, x4 → struct { reason, x2, x3, x4, x5 } of the exit; returns
// the status.
// The hypervisor preserves x18 to x30, as SMCCC demands, so this is a leaf.
FUNCTION cpu_vcpu_run
    sub     sp, sp, #16
    str     x4, [sp]
    mov     x4, x3
    mov     x3, x2
    mov     x2, x1
    mov     x1, x0
    mov     x5, #0                  // as it stays if the guest does not run
    movz    w0, #0xC600, lsl #16
    movk    w0, #0x000A
    hvc     #0
    ldr     x9, [sp]
    stp     x1, x2, [x9]
    stp     x3, x4, [x9, #16]
    str     x5, [x9, #32]
    add     sp, sp, #16
    ret

// GICv3 CPU interface (IHI 0069, "AArch64 System register descriptions").
FUNCTION gic_cpu_enable
    mov     x0, #7                  // ICC_SRE_EL1: system registers, no bypass
    msr     S3_0_C12_C12_5, x0
    isb
    mov     x0, #0xFF               // ICC_PMR_EL1: every priority
    msr     S3_0_C4_C6_0, x0
    msr     S3_0_C12_C12_3, xzr     // ICC_BPR1_EL1
    msr     S3_0_C12_C12_4, xzr     // ICC_CTLR_EL1: EOI also deactivates
    mov     x0, #1
    msr     S3_0_C12_C12_7, x0      // ICC_IGRPEN1_EL1
    isb
    ret
FUNCTION gic_acknowledge
    mrs     x0, S3_0_C12_C12_0      // ICC_IAR1_EL1
    dsb     sy
    ret
FUNCTION gic_end
    msr     S3_0_C12_C12_1, x0      // ICC_EOIR1_EL1
    isb
    ret
FUNCTION gic_send
    dsb     ishst                   // what the other core shall see is stored before it is told
    msr     S3_0_C12_C11_5, x0      // ICC_SGI1R_EL1
    isb
    ret

// Copies x2 bytes from x1 to x0; both at 16, size a multiple of 16 … or anything, byte by byte at the end.
FUNCTION memory_copy
    subs    x2, x2, #128
    b.lo    2f
1:  ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    ldp     q4, q5, [x1, #64]
    ldp     q6, q7, [x1, #96]
    stp     q0, q1, [x0]
    stp     q2, q3, [x0, #32]
    stp     q4, q5, [x0, #64]
    stp     q6, q7, [x0, #96]
    add     x1, x1, #128
    add     x0, x0, #128
    subs    x2, x2, #128
    b.hs    1b
2:  adds    x2, x2, #128
    b.eq    4f
3:  ldrb    w3, [x1], #1
    strb    w3, [x0], #1
    subs    x2, x2, #1
    b.ne    3b
4:  ret

// Zeroes x1 bytes at x0; both multiples of 16.
FUNCTION memory_clear
    cbz     x1, 2f
1:  stp     xzr, xzr, [x0], #16
    subs    x1, x1, #16
    b.ne    1b
2:  ret

// CRC-32C of x1 bytes at x0 (FEAT_CRC32).
FUNCTION memory_crc32c
    mov     w2, #-1
    subs    x1, x1, #8
    b.lo    2f
1:  ldr     x3, [x0], #8
    crc32cx w2, w2, x3
    subs    x1, x1, #8
    b.hs    1b
2:  adds    x1, x1, #8
    b.eq    4f
3:  ldrb    w3, [x0], #1
    crc32cb w2, w2, w3
    subs    x1, x1, #1
    b.ne    3b
4:  mvn     w0, w2
    ret

// Writes the cache lines of [x0, x1) back to memory, where an observer without caches looks.
FUNCTION memory_clean_data
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4
    mov     x3, #4
    lsl     x3, x3, x2
    sub     x4, x3, #1
    bic     x0, x0, x4
1:  dc      cvac, x0
    add     x0, x0, x3
    cmp     x0, x1
    b.lo    1b
    dsb     sy
    ret

// The same, then forgets stale instructions.
FUNCTION memory_clean
    mov     x5, x30
    bl      memory_clean_data
    ic      ialluis
    dsb     sy
    isb
    ret     x5

// Addresses that the linker knows.
FUNCTION image_address
    ldr     x0, =_image
    ret
FUNCTION image_end
    ldr     x0, =_end
    ret
FUNCTION image_table
    ldr     x0, =image_l2
    ret
FUNCTION image_restart_mark
    ldr     x0, =restart_mark
    ret
FUNCTION image_secondary_start
    ldr     x0, =secondary_start
    ret
FUNCTION image_secondary_root
    ldr     x0, =secondary_root
    ret
FUNCTION image_secondary_stacks
    ldr     x0, =secondary_stacks
    ret
