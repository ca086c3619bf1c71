/* The golden vectors as bytes; VECTORS is their file. */
.section .rodata
.globl golden_vectors, golden_vectors_end
.balign 4
golden_vectors:
.incbin VECTORS
golden_vectors_end:
#ifdef __linux__
.section .note.GNU-stack, "", %progbits
#endif
