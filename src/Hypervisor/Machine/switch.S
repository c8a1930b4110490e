// What a vCPU has besides its general registers: saved and loaded when a core changes between keeper and guest.
#include "layout.inc"

// EL1 system registers in the order of the fields from VCPU_SYSTEM on, in pairs.
.macro FOR_EL1_REGISTERS op
    \op sp_el0, sp_el1, 0
    \op elr_el1, spsr_el1, 2
    \op esr_el1, far_el1, 4
    \op sctlr_el1, vbar_el1, 6
    \op ttbr0_el1, ttbr1_el1, 8
    \op tcr_el1, mair_el1, 10
    \op amair_el1, contextidr_el1, 12
    \op cpacr_el1, afsr0_el1, 14
    \op afsr1_el1, tpidr_el0, 16
    \op tpidrro_el0, tpidr_el1, 18
    \op par_el1, cntkctl_el1, 20
    \op csselr_el1, mdscr_el1, 22
    \op cntv_cval_el0, cntv_ctl_el0, 24
.endm

.macro SAVE a, b, word
    mrs     x2, \a
    mrs     x3, \b
    stp     x2, x3, [x0, #VCPU_SYSTEM + 8 * \word]
.endm

.macro LOAD a, b, word
    ldp     x2, x3, [x0, #VCPU_SYSTEM + 8 * \word]
    msr     \a, x2
    msr     \b, x3
.endm

.section .text.world, "ax"
// world_save(ref Vcpu): what the guest can change.
.global world_save
world_save:
    FOR_EL1_REGISTERS SAVE
    msr     cntv_ctl_el0, xzr       // no timer of a vCPU that does not run
    mrs     x2, ich_vmcr_el2
    mrs     x3, ich_ap0r0_el2
    stp     x2, x3, [x0, #VCPU_VGIC]
    mrs     x2, ich_ap1r0_el2
    str     x2, [x0, #VCPU_VGIC + 16]
    b       lists_save

// lists_save(ref Vcpu)
.section .text.lists_save, "ax"
.global lists_save
lists_save:
    add     x1, x0, #VCPU_LISTS     // beyond the reach of a pair's offset
    mrs     x2, ich_lr0_el2
    mrs     x3, ich_lr1_el2
    stp     x2, x3, [x1, #0]
    mrs     x2, ich_lr2_el2
    mrs     x3, ich_lr3_el2
    stp     x2, x3, [x1, #0 + 16]
    ret

// world_load(ref Vcpu): the vCPU that this core runs next. The exception return that follows synchronises all of it.
.section .text.world_configuration, "ax"
.global world_load
world_load:
    msr     tpidr_el2, x0
    add     x1, x0, #VCPU_LISTS
    ldp     x2, x3, [x1, #VCPU_CONFIGURATION - VCPU_LISTS]
    msr     hcr_el2, x2
    msr     vttbr_el2, x3
    ldp     x2, x3, [x1, #VCPU_CONFIGURATION - VCPU_LISTS + 16]
    msr     vmpidr_el2, x2
    msr     cntvoff_el2, x3
    ldr     x2, [x1, #VCPU_CONFIGURATION - VCPU_LISTS + 32]
    msr     cnthctl_el2, x2
    b       world_load_registers

.section .text.world, "ax"
world_load_registers:
    FOR_EL1_REGISTERS LOAD
    ldp     x2, x3, [x0, #VCPU_VGIC]
    msr     ich_vmcr_el2, x2
    msr     ich_ap0r0_el2, x3
    ldr     x2, [x0, #VCPU_VGIC + 16]
    msr     ich_ap1r0_el2, x2
    b       lists_load

// lists_load(ref Vcpu)
.section .text.lists_load, "ax"
.global lists_load
lists_load:
    add     x1, x0, #VCPU_LISTS
    ldr     x2, [x0, #VCPU_VGIC + 24]
    msr     ich_hcr_el2, x2
    ldp     x2, x3, [x1, #0]
    msr     ich_lr0_el2, x2
    msr     ich_lr1_el2, x3
    ldp     x2, x3, [x1, #0 + 16]
    msr     ich_lr2_el2, x2
    msr     ich_lr3_el2, x3
    ret

.altmacro
.macro VECTOR_PAIR op, a, b
    \op     q\a, q\b, [x0, #16 * \a]
.endm

// fp_save(ref Vcpu), fp_load(ref Vcpu): the only code at EL2 that touches vector registers.
.section .text.fp_save, "ax"
.global fp_save
fp_save:
    add     x0, x0, #VCPU_VECTORS
    .irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
        VECTOR_PAIR stp, \n, %(\n + 1)
    .endr
    mrs     x2, fpcr
    mrs     x3, fpsr
    str     x2, [x0, #512]
    str     x3, [x0, #520]
    ret
.section .text.fp_load, "ax"
.global fp_load
fp_load:
    isb                             // after CPTR_EL2 let us
    add     x0, x0, #VCPU_VECTORS
    .irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
        VECTOR_PAIR ldp, \n, %(\n + 1)
    .endr
    ldr     x2, [x0, #512]
    ldr     x3, [x0, #520]
    msr     fpcr, x2
    msr     fpsr, x3
    ret
.noaltmacro
