// touch(address): reads it and writes back what it is not, in every size.
.section .text.touch, "ax"
.global touch
touch:
    ldrb    w1, [x0]
    mvn     w1, w1
    strb    w1, [x0]
    ldrh    w1, [x0]
    mvn     w1, w1
    strh    w1, [x0]
    ldr     w1, [x0]
    mvn     w1, w1
    str     w1, [x0]
    ldr     x1, [x0]
    mvn     x1, x1
    str     x1, [x0]
    ret
