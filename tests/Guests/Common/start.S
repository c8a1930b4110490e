// A guest's first instructions, on every vCPU, and its exception vectors. Arm64 Linux boot protocol: EL1, MMU off, x0 = device tree.
//
//   virtual address                 physical address
//   0x00_0000_0000  1 GB            the same: devices
//   0x00_4000_0000  … 0x7F_FFFF_FFFF  the same: memory, whether there is any or not
//   0x40_0000_0000  1 GB            0x00_0000_0000: devices once more, as memory, where nothing checks alignment

#define BLOCK_DEVICE 0x0060000000000401     // XN, AF, attribute 0
#define BLOCK_MEMORY 0x0000000000000705     // AF, inner shareable, attribute 1
#define MAIR         0xFF00
#define TCR          0x0000000200803519     // 39 bits, write-back, inner shareable, no TTBR1
#define SCTLR        0x30D01805             // RES1, I, C, M
#define STACK        0x4000                 // bytes for each vCPU

.section .text.start, "ax"
.global _start
_start:
    b       boot
    .long   0
    .quad   0                       // text_offset
    .quad   _end
    .quad   0xA
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

boot:
    mrs     x20, cntvct_el0         // as early as can be: for who measures boots
    mov     x19, x0
    adrp    x1, tables
    ldr     x3, =BLOCK_MEMORY
    mov     x2, #0
1:  add     x4, x3, x2, lsl #30
    str     x4, [x1, x2, lsl #3]
    add     x2, x2, #1
    cmp     x2, #512
    b.ne    1b
    ldr     x3, =BLOCK_DEVICE
    str     x3, [x1]
    ldr     x3, =BLOCK_MEMORY | BLOCK_DEVICE
    str     x3, [x1, #256 * 8]
    dsb     sy
    bl      core_on
    adrp    x1, _bss_start
    adrp    x2, _end
2:  stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    2b
    adrp    x1, stacks
    add     sp, x1, #STACK
    mov     x0, x19
    mov     x1, x20
    bl      guest_main              // Program.cs: x0 the device tree, x1 the counter at the start
    b       system_off

// PSCI CPU_ON comes here with the number of the vCPU.
.global secondary_start
secondary_start:
    mov     x19, x0
    bl      core_on
    adrp    x1, stacks
    mov     x2, #STACK
    madd    x1, x2, x19, x1
    add     sp, x1, x2
    mov     x0, x19
    bl      guest_secondary
1:  wfi
    b       1b
.weak guest_secondary

core_on:
    ldr     x2, =MAIR
    msr     mair_el1, x2
    ldr     x2, =TCR
    msr     tcr_el1, x2
    adrp    x2, tables
    msr     ttbr0_el1, x2
    adr     x2, vectors
    msr     vbar_el1, x2
    mov     x2, #3 << 20            // vector registers
    msr     cpacr_el1, x2
    tlbi    vmalle1
    dsb     sy
    isb
    ldr     x2, =SCTLR
    msr     sctlr_el1, x2
    isb
    ret
.ltorg

.global system_off
system_off:
    ldr     w0, =0x84000008
    hvc     #0
1:  wfi
    b       1b

.macro SAVE
    sub     sp, sp, #192
    stp     x0, x1, [sp]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x30, [sp, #144]
.endm
.macro RESTORE
    ldp     x0, x1, [sp]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x30, [sp, #144]
    add     sp, sp, #192
.endm

.section .text.vectors, "ax"
vectors:
    .rept 4
    .balign 128
    b       unexpected
    .endr
    .balign 128
    b       synchronous
    .balign 128
    b       interrupt
    .balign 128
    b       interrupt
    .rept 9
    .balign 128
    b       unexpected
    .endr

synchronous:
    SAVE
    mrs     x0, esr_el1
    lsr     x1, x0, #26
    cbnz    x1, unexpected          // an undefined instruction has class 0
    adrp    x1, undefined
    ldr     x2, [x1, :lo12:undefined]
    add     x2, x2, #1
    str     x2, [x1, :lo12:undefined]
    mrs     x2, elr_el1
    add     x2, x2, #4
    msr     elr_el1, x2
    RESTORE
    eret

interrupt:
    SAVE
    mrs     x0, icc_iar1_el1
    msr     icc_eoir1_el1, x0
    RESTORE
    eret

unexpected:
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    bl      guest_exception         // Common/Failures.cs

.section .text.undefined_count, "ax"
.global undefined_count
undefined_count:
    adrp    x0, undefined
    ldr     x0, [x0, :lo12:undefined]
    ret

.section .text.secondary_address, "ax"
.global secondary_address
secondary_address:
    adrp    x0, secondary_start
    add     x0, x0, :lo12:secondary_start
    ret

.section .text.runtime, "ax"
.global bare_panic, RhpFallbackFailFast
RhpFallbackFailFast:
bare_panic:
    mov     x1, x30
    bl      guest_panic

.section .bss.tables, "aw", %nobits
.balign 4096
tables: .space 4096
.section .bss, "aw", %nobits
.balign 4096
stacks: .space 8 * STACK
.balign 8
undefined: .space 8
