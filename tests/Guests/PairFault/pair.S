.section .text.pair, "ax"
.global load_pair, store_pair
load_pair:
    ldp     x1, x2, [x0]
    ret
store_pair:
    stp     x1, x2, [x0]
    ret
