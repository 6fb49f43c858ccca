/* For Wine only, never handed out: Windows has bcryptprimitives.dll, Wine 8 does not, and programs written in Rust
   (the cryptography wheel) take their random numbers from it. SystemFunction036 is RtlGenRandom. */
unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, unsigned long long length) {
    return SystemFunction036(buffer, (unsigned long)length);
}
