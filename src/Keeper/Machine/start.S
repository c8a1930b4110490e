// The keeper's first instructions on every core, at EL1 with the MMU and caches off, at whatever address it was loaded.
//
//   boot core   x0 handset's device tree, x1 first free physical address (0: right after this image; 1: once more after
//               Establish, src/Abi/HvcFunction.cs)
//   others      x0 core number (the context of PSCI CPU_ON)
//
// Both build on one boot table: every GB at its physical address, the image at its linked address. C# then makes the
// table that stays (Machine/AddressSpace.cs), in which nothing is writable and executable at once.

#define BLOCK_DEVICE  0x0060000000000405   // XN, AF, outer attribute 1: device nGnRE
#define BLOCK_MEMORY  0x0060000000000701   // XN, AF, inner shareable, attribute 0: normal write-back
#define BLOCK_BOOT    0x0040000000000701   // the same, executable at EL1
#define PAGE_TEXT     0x0040000000000783   // UXN, AF, inner shareable, read-only
#define PAGE_CONSTANT 0x0060000000000783   // XN as well
#define PAGE_DATA     0x0060000000000703   // XN, writable

.section .text.start, "ax"
.global _start
_start:                             // arm64 Image header: Linux, Documentation/arch/arm64/booting
    b       boot_core
    .long   0
    .quad   0                       // offset in a 2 MB aligned base
    .quad   _image_size             // with bss
    .quad   0xa                     // little-endian, 4 kB pages, anywhere in memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

boot_core:
    mov     x19, x0
    mov     x20, x1
    adrp    x21, _start             // physical address of the image
    adrp    x22, boot_l1
    adrp    x23, image_l2
    adrp    x24, image_l3

    // What a loader left in the caches for these lines would hide, or later overwrite, what is stored with the caches off.
    bl      forget_tables

    // Level 1: 512 × 1 GB. Devices, but for the GBs of the image and of the device tree.
    mov     x0, #0
    ldr     x1, =BLOCK_DEVICE
1:  orr     x2, x1, x0, lsl #30
    str     x2, [x22, x0, lsl #3]
    add     x0, x0, #1
    cmp     x0, #511
    b.ne    1b
    ldr     x1, =BLOCK_MEMORY
    lsr     x0, x19, #30
    orr     x2, x1, x0, lsl #30
    str     x2, [x22, x0, lsl #3]
    ldr     x1, =BLOCK_BOOT
    lsr     x0, x21, #30
    orr     x2, x1, x0, lsl #30
    str     x2, [x22, x0, lsl #3]
    orr     x2, x23, #3
    str     x2, [x22, #511 * 8]

    // Level 2: one entry. Level 3: the image's pages, the rest invalid.
    mov     x0, #512
    mov     x2, x23
2:  stp     xzr, xzr, [x2], #16
    subs    x0, x0, #1
    b.ne    2b                      // clears image_l3, which follows, as well
    orr     x2, x24, #3
    str     x2, [x23]
    ldr     x3, =_image
    ldr     x4, =_text_end
    ldr     x5, =_rodata_end
    ldr     x6, =_end
    mov     x7, x21
    ldr     x1, =PAGE_TEXT
3:  cmp     x3, x4
    b.lo    4f
    ldr     x1, =PAGE_CONSTANT
    cmp     x3, x5
    b.lo    4f
    ldr     x1, =PAGE_DATA
4:  orr     x2, x1, x7
    str     x2, [x24], #8
    add     x3, x3, #4096
    add     x7, x7, #4096
    cmp     x3, x6
    b.lo    3b

    // A speculative read may have brought the old contents back meanwhile.
    bl      forget_tables
    bl      mmu_on

    ldr     x0, =_bss               // from here on at linked addresses, with caches
    ldr     x1, =_bss_end
5:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    5b
    ldr     x0, =boot_stack_top
    mov     sp, x0
    mov     x29, xzr
    msr     tpidr_el1, xzr          // core number
    mov     x0, x19
    mov     x1, x20
    mov     x2, x21
    bl      keeper_main
    b       halt

.global secondary_start
secondary_start:
    mov     x19, x0
    bl      mmu_on
    msr     tpidr_el1, x19
    ldr     x0, =secondary_root     // the table that stays
    ldr     x0, [x0]
    bl      address_space_use
    ldr     x0, =secondary_stacks
    ldr     x0, [x0, x19, lsl #3]
    mov     sp, x0
    mov     x29, xzr
    mov     x0, x19
    bl      keeper_secondary
    b       halt

// Invalidates the tables' cache lines. x0-x3 are lost.
forget_tables:
    mrs     x0, ctr_el0
    ubfx    x0, x0, #16, #4         // DminLine: log2 of words
    mov     x1, #4
    lsl     x1, x1, x0
    adrp    x2, boot_l1
    adrp    x3, tables_end
6:  dc      ivac, x2
    add     x2, x2, x1
    cmp     x2, x3
    b.lo    6b
    dsb     sy
    ret

// Turns the MMU and caches on and returns to the caller's linked address. x0-x3 are lost.
mmu_on:
    mov     x0, #3 << 20            // CPACR_EL1.FPEN: compiled code copies with vector registers
    msr     cpacr_el1, x0
    ldr     x0, =0x04FF             // MAIR: attribute 0 normal write-back, 1 device nGnRE
    msr     mair_el1, x0
    // T0SZ 25 (512 GB), walks write-back inner shareable, 4 kB, no TTBR1, 40-bit physical addresses
    ldr     x0, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32)
    msr     tcr_el1, x0
    adrp    x0, boot_l1
    msr     ttbr0_el1, x0
    ldr     x0, =vectors
    msr     vbar_el1, x0
    isb
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    ldr     x0, =0x30D0180D         // SCTLR: M, C, SA, I and the bits that are one
    msr     sctlr_el1, x0
    isb
    adrp    x0, _start
    ldr     x1, =_image
    sub     x1, x1, x0
    add     x30, x30, x1
    ret

// x0: physical address of a level 1 table, which from now on translates; what is writable is never executable (SCTLR.WXN).
.global address_space_use
address_space_use:
    dsb     ish
    msr     ttbr0_el1, x0
    isb
    mrs     x1, sctlr_el1
    orr     x1, x1, #1 << 19
    msr     sctlr_el1, x1
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    ret

.global halt
halt:
    msr     daifset, #15
7:  wfi
    b       7b

.section .bss
.balign 16
.global boot_stack_top, secondary_root, secondary_stacks, panic_stacks
secondary_root:  .space 16
secondary_stacks: .space 8 * 8      // one a core (VmControl.MaxVcpus)
panic_stacks:    .space 8 * 4096    // the same
boot_stack:      .space 32768
boot_stack_top:

.section .tables, "aw", %nobits
.balign 4096
.global image_l2
boot_l1:    .space 4096
image_l2:   .space 4096
image_l3:   .space 4096
tables_end:
.global restart_mark
restart_mark: .space 4096           // Machine/RestartMark.cs: nobody clears it
