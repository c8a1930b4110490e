// What compiled C# expects beside it.

.section .text.runtime, "ax"
.global RhpAssignRefArm64, RhpCheckedAssignRefArm64, RhpByRefAssignRefArm64, RhpInitialDynamicInterfaceDispatch
.global RhpFallbackFailFast, bare_panic, bare_r2r_header

// The write barriers, without a garbage collector: just the store. x14 destination, x15 reference; x14 (and x13) advance.
RhpCheckedAssignRefArm64:
RhpAssignRefArm64:
    str     x15, [x14], #8
    ret
RhpByRefAssignRefArm64:
    ldr     x15, [x13], #8
    str     x15, [x14], #8
    ret

// Interface calls are not used: abstract classes are.
RhpInitialDynamicInterfaceDispatch:
RhpFallbackFailFast:
    mov     w0, #0
bare_panic:                         // w0: FailedCheck
    mov     x1, x30
    mov     x2, x29
    bl      keeper_failed_check
    b       halt

bare_r2r_header:
    adrp    x0, __ReadyToRunHeader
    add     x0, x0, :lo12:__ReadyToRunHeader
    ret

.section .rodata
.balign 8
.global __security_cookie
__security_cookie: .quad 0x5A5A1234C0FFEE77
