// How cores enter EL2: the boot core from the boot loader, the others from PSCI.
// Arm64 Linux boot protocol (Documentation/arm64/booting.rst): MMU off, x0 = device tree, image anywhere aligned to 2 MB.

#define SCTLR_EL2_ON    0x30C5183D      // RES1 bits, I, SA, C, M
#define TCR_EL2_39BIT   0x80803519      // RES1, 4 kB granule, inner shareable, write-back, 39-bit addresses
#define MAIR_EL2_TYPES  0xFF00          // 0: device nGnRnE, 1: normal write-back

#define BLOCK_DEVICE    0x0040000000000401   // XN, AF, attribute 0, block
#define BLOCK_NORMAL    0x0000000000000705   // AF, inner shareable, attribute 1, block

.section .text.start, "ax"
.global _start
_start:
    b       boot
    .long   0
    .quad   0                       // text_offset
    .quad   _image_size             // the loader keeps this much free: hypervisor, keeper, owner table, tables
    .quad   0xA                     // little-endian, 4 kB pages, anywhere in memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

boot:
    mrs     x1, CurrentEL
    cmp     x1, #2 << 2
    b.ne    not_el2
    mov     x20, x0                 // device tree
    mov     x1, #0x33FF             // CPTR_EL2: boot may use vector registers, no guest has any yet
    msr     cptr_el2, x1

    // Page tables for the start: the gigabytes of image and device tree are memory, all others devices. Memory is writable
    // and executable here only until C# has built the final tables (Boot/AddressSpace.cs), before any guest exists.
    adrp    x1, boot_tables
    mov     x2, #0
    ldr     x3, =BLOCK_DEVICE
1:  add     x4, x3, x2, lsl #30
    str     x4, [x1, x2, lsl #3]
    add     x2, x2, #1
    cmp     x2, #512
    b.ne    1b
    adr     x2, _start
    bl      map_normal
    mov     x2, x20
    bl      map_normal

    // Those stores bypassed the cache. A stale line over them must go, or the table walker would read it
    // (booting.rst: only the image itself was cleaned to the point of coherency).
    mov     x2, #0
2:  add     x3, x1, x2
    dc      ivac, x3
    add     x2, x2, #16             // no line is shorter
    cmp     x2, #4096
    b.ne    2b
    dsb     sy
    mov     x0, x1
    bl      mmu_on

    adrp    x1, _bss_start
    adrp    x2, _end
3:  stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    3b
    adrp    x1, boot_stack_top
    mov     sp, x1
    mov     x0, x20
    adr     x1, _start
    b       hypervisor_main         // Boot/Program.cs; goes on in enter_keeper

map_normal:                         // x1 = tables, x2 = address
    lsr     x2, x2, #30
    and     x2, x2, #511
    ldr     x3, =BLOCK_NORMAL
    add     x4, x3, x2, lsl #30
    str     x4, [x1, x2, lsl #3]
    ret
.ltorg

// The other cores: x0 = final tables | index of the core.
.section .text.secondary_start, "ax"
.global secondary_start
secondary_start:
    and     x19, x0, #0xFFF
    bic     x0, x0, #0xFFF
    bl      mmu_on
    adrp    x1, stacks
    ldr     x1, [x1, :lo12:stacks]
    add     x1, x1, x19, lsl #13    // 8 kB a core
    add     sp, x1, #8192
    mov     x0, x19
    b       secondary_main          // Boot/Program.cs

// activate(tables, stack, …): leaves the boot tables for the final ones. The MMU goes off between, because the same address is
// mapped by blocks of another size in each ("break before make", Arm ARM, "Using break-before-make when updating
// translation table entries"). Runs at its own physical address, touches no memory meanwhile.
.section .text.activate, "ax"
.global activate
activate:
    mov     sp, x1
    mov     x20, x2
    mov     x21, x3
    mov     x22, x4
    mrs     x2, sctlr_el2
    bic     x2, x2, #1
    msr     sctlr_el2, x2
    isb
    tlbi    alle2
    dsb     nsh
    isb
    bl      mmu_on
    mov     x0, x20
    mov     x1, x21
    mov     x2, x22
    b       boot_continue           // Boot/Program.cs: on the new stack

.section .text.mmu_on, "ax"
mmu_on:                             // x0 = tables
    ldr     x2, =MAIR_EL2_TYPES
    msr     mair_el2, x2
    ldr     x2, =TCR_EL2_39BIT
    mrs     x3, id_aa64mmfr0_el1
    and     x3, x3, #7              // PARange; 48 bits at most with this granule
    cmp     x3, #5
    mov     x4, #5
    csel    x3, x3, x4, ls
    bfi     x2, x3, #16, #3         // PS
    msr     tcr_el2, x2
    msr     ttbr0_el2, x0
    adrp    x2, vectors
    add     x2, x2, :lo12:vectors
    msr     vbar_el2, x2
    tlbi    alle2
    ic      iallu
    dsb     nsh
    isb
    ldr     x2, =SCTLR_EL2_ON
    msr     sctlr_el2, x2
    isb
    ret
.ltorg

// Before anything is known of the machine: the embedded default handset's UART.
.section .text.not_el2, "ax"
not_el2:
    adr     x1, 2f
    mov     x2, #0x09000000
1:  ldrb    w3, [x1], #1
    cbz     w3, 3f
    str     w3, [x2]
    b       1b
3:  wfe
    b       3b
2:  .asciz  "pocketvisor: not started at EL2; start the handset with virtualization on\r\n"
.balign 4

.section .bss.boot, "aw", %nobits
.balign 4096
boot_tables:
    .space  4096
.global boot_stack_top
    .space  4096
boot_stack_top:
.section .bss
.balign 8
stacks: .space  8

.section .text.set_stacks, "ax"
.global set_stacks
set_stacks:
    adrp    x1, stacks
    str     x0, [x1, :lo12:stacks]
    ret
