// How cores enter EL2: the boot core from the boot loader, the others from PSCI.
// Arm64 Linux boot protocol (Documentation/arm64/booting.rst): MMU off, x0 = device tree, image anywhere aligned to 2 MB.

#define SCTLR_EL2_ON    0x30C5183D      // RES1 bits, I, SA, C, M
#define TCR_EL2_39BIT   0x80803519      // RES1, 4 kB granule, inner shareable, write-back, 39-bit addresses
#define MAIR_EL2_TYPES  0xFF00          // 0: device nGnRnE, 1: normal write-back

#define BLOCK_NORMAL    0x705           // AF, inner shareable, attribute 1, block
#define BLOCK_DEVICE    0x401           // AF, attribute 0, block …
#define EXECUTE_NEVER   0x40            // … XN, in bits [63:48]

#define HCR_EL2_EARLY   0x8008          // in bits [31:16]: EL1 is AArch64, SMC traps; no stage 2 yet
#define SCTLR_EL1_RESET 0x30D00800      // RES1: MMU and caches off
#define SPSR_EL1H       0x3C5           // EL1h, all exceptions masked

// The first 64 bytes are also the vector for exceptions with SP_EL0 (image.ld), which EL2 never selects.
.section .text.start, "ax"
.global _start
_start:
    b       boot
    .long   0
    .quad   0                       // text_offset
    .quad   _image_size             // the loader keeps this much free: hypervisor, keeper, owner table, tables
    .quad   0xA                     // little-endian, 4 kB pages, anywhere in memory
    .quad   0, 0, 0
image_magic:
    .ascii  "ARM\x64"
    .long   0

.section .text.boot, "ax"
boot:
    mrs     x1, CurrentEL
    cmp     x1, #2 << 2
    adr     x1, no_el2
    b.ne    complain
    adrp    x19, _keeper_image
    adr     x2, image_magic
    ldr     w2, [x2]
    ldr     w3, [x19, #56]
    cmp     w2, w3
    adr     x1, no_keeper
    b.ne    complain
    msr     spsel, #1
    mov     x20, x0                 // device tree
    mov     x1, #HCR_EL2_EARLY << 16
    msr     hcr_el2, x1
    isb
    bl      make_boot_tables
    bl      forget_boot_tables
    mov     x0, x1
    bl      mmu_on

    adrp    x1, _bss_start
    mov     sp, x1                  // the boot core's stack ends there for good (image.ld)
    msr     tpidr_el2, x1           // and there the vCPU lies that traps are saved to at first: all zero, so the keeper's
    adrp    x2, _end
    bl      clear
    msr     vttbr_el2, xzr
    msr     elr_el2, x19
    mov     x1, #SPSR_EL1H
    msr     spsr_el2, x1
    b       enter_keeper

// Page tables for the start, at x1: the gigabytes of our 4 MB are memory, all others devices. Memory is writable and executable
// here only until C# has built the final tables (Boot/Establishment.cs), before any guest exists.
.section .text.boot_tables, "ax"
make_boot_tables:
    adrp    x1, boot_tables
    adr     x2, _start
    add     x3, x2, #0x3FF, lsl #12 // the last of its pages
    lsr     x2, x2, #30
    lsr     x3, x3, #30
    mov     x4, #BLOCK_NORMAL
    mov     x5, #BLOCK_DEVICE
    movk    x5, #EXECUTE_NEVER, lsl #48
    mov     x6, #0
1:  cmp     x6, x2
    ccmp    x6, x3, #4, ne
    csel    x7, x4, x5, eq
    add     x7, x7, x6, lsl #30
    str     x7, [x1, x6, lsl #3]
    add     x6, x6, #1
    cmp     x6, #512
    b.ne    1b
    ret

// To the keeper at EL1, which reads the device tree and calls Establish.
.section .text.enter_keeper, "ax"
enter_keeper:
    mov     w1, #SCTLR_EL1_RESET & 0xFFFF
    movk    w1, #SCTLR_EL1_RESET >> 16, lsl #16
    msr     sctlr_el1, x1
    mov     x0, x20
    mov     x1, #1                  // VmControl.EstablishFirst
    eret

// Stores to the boot tables (x1) bypassed the cache. A stale line over them must go, or the table walker would read it
// (booting.rst: only the image itself was cleaned to the point of coherency).
.section .text.forget_boot_tables, "ax"
forget_boot_tables:
    mov     x2, #0
2:  add     x3, x1, x2
    dc      ivac, x3
    add     x2, x2, #16             // no line is shorter
    cmp     x2, #4096
    b.ne    2b
    dsb     sy
    ret

// Zeroes from x1 to x2.
.section .text.clear, "ax"
clear:
    stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    clear
    ret

// The other cores: x0 = final tables | index of the core.
.section .text.secondary_start, "ax"
.global secondary_start
secondary_start:
    msr     spsel, #1
    and     x19, x0, #0xFFF
    bic     x0, x0, #0xFFF
    bl      mmu_on
    sub     x0, x0, x19, lsl #13    // 8 kB a core below the tables
    mov     sp, x0
    bl      core_initialise
    mov     x0, x19
    bl      secondary_main          // Boot/Establishment.cs
    b       resume_guest

// activate(tables): leaves the boot tables for the final ones. The MMU goes off between, because the same address is
// mapped by blocks of another size in each ("break before make", Arm ARM, "Using break-before-make when updating
// translation table entries"). Runs at its own physical address, touches no memory meanwhile.
.section .text.activate, "ax"
.global activate
activate:
    mrs     x2, sctlr_el2
    bic     x2, x2, #1
    msr     sctlr_el2, x2
    isb
    // and returns

.global mmu_on
mmu_on:                             // x0 = tables; keeps it
    mov     x2, #0x33FF             // CPTR_EL2: vector registers don't trap yet, SVE does
    msr     cptr_el2, x2
    mov     x2, #MAIR_EL2_TYPES
    msr     mair_el2, x2
    mov     w2, #TCR_EL2_39BIT & 0xFFFF
    movk    w2, #TCR_EL2_39BIT >> 16, lsl #16
    mrs     x3, id_aa64mmfr0_el1
    and     x3, x3, #7              // PARange; 48 bits at most with this granule
    cmp     x3, #5
    mov     x4, #5
    csel    x3, x3, x4, ls
    bfi     x2, x3, #16, #3         // PS
    msr     tcr_el2, x2
    msr     ttbr0_el2, x0
    adr     x2, _start
    msr     vbar_el2, x2
    isb
    tlbi    alle2
    ic      iallu
    dsb     nsh
    isb
    mov     w2, #SCTLR_EL2_ON & 0xFFFF
    movk    w2, #SCTLR_EL2_ON >> 16, lsl #16
    msr     sctlr_el2, x2
    isb
    ret

// Before anything is known of the machine: the embedded default handset's UART.
.section .text.complain, "ax"
complain:                           // x1 = sentence
    mov     x2, #0x09000000
1:  ldrb    w3, [x1], #1
    cbz     w3, 3f
    str     w3, [x2]
    b       1b
3:  wfe
    b       3b
.section .text.no_el2, "ax"
no_el2:
    .asciz  "pocketvisor: not started at EL2; start the handset with virtualization on\r\n"
.balign 4
.section .text.no_keeper, "ax"
no_keeper:
    .asciz  "pocketvisor: no keeper behind us\r\n"
.balign 4

// See image.ld: the tables' page, which is the hole below the stack later, and the stack.
.section .bss.boot, "aw", %nobits
.balign 4096
boot_tables:
    .space  8192
.section .bss.vcpu, "aw", %nobits
    .space  2048                    // Vcpus/Vcpu.cs is smaller
