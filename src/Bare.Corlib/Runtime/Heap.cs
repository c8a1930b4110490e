using System.Runtime.CompilerServices;
using System.Threading;
using Internal.Runtime;

namespace System.Runtime
{
    /// <summary>
    /// A bump allocator for programs that use classes. Nothing is ever freed: allocate at start and per slot, then reuse.
    /// Safe from several cores.
    /// </summary>
    public static unsafe class Heap
    {
        private static long s_next; // advanced atomically
        private static long s_end;

        /// <summary>Gives the allocator its memory, which must be zero. Again: what was left of the old one is forgotten; nobody else may allocate meanwhile.</summary>
        public static void Initialize(ulong start, ulong size)
        {
            s_next = (long)start;
            s_end = (long)(start + size);
        }

        /// <summary>Bytes still free.</summary>
        public static ulong Available => (ulong)(s_end - s_next);

        /// <summary>
        /// Static fields of reference type live in one heap object per class, which start-up code must make.
        /// The argument is the address of ilc's symbol __ReadyToRunHeader.
        /// </summary>
        public static void InitializeStatics(byte* readyToRunHeader)
        {
            const int gcStaticRegion = 201, uninitialised = 1, hasPreinitialisedData = 2;
            int sections = *(ushort*)(readyToRunHeader + 12), step = readyToRunHeader[14];
            for (byte* section = readyToRunHeader + 16; sections > 0; sections--, section += step)
            {
                if (*(int*)section != gcStaticRegion) continue;
                for (int* block = *(int**)(section + 8); block < *(int**)(section + 16); block++)
                {
                    byte* cell = (byte*)block + *block;
                    int tagged = *(int*)cell;
                    if ((tagged & uninitialised) == 0) continue;
                    MethodTable* type = (MethodTable*)(cell + (tagged & ~3));
                    byte* o = (byte*)Allocate(type, type->BaseSize);
                    if ((tagged & hasPreinitialisedData) != 0)
                    {
                        byte* source = cell + 4 + *(int*)(cell + 4);
                        for (uint i = 0; i < type->BaseSize - 16; i += 8) *(ulong*)(o + 8 + i) = *(ulong*)(source + i);
                    }
                    *(byte**)cell = o;
                }
            }
        }

        private static void* Allocate(MethodTable* type, nuint size)
        {
            size = (size + 15) & ~(nuint)15;
            long at = Interlocked.ExchangeAdd(ref s_next, (long)size);
            if (at + (long)size > s_end) BarePanic.Die(FailedCheck.OutOfMemory);
            *(MethodTable**)at = type;
            return (void*)at;
        }

        [RuntimeExport("RhpNewFast")] private static void* NewFast(MethodTable* type) => Allocate(type, type->BaseSize);

        [RuntimeExport("RhpNewArrayFast")]
        private static void* NewArray(MethodTable* type, nint length)
        {
            if ((nuint)length > int.MaxValue) BarePanic.Die(FailedCheck.Overflow);
            int* array = (int*)Allocate(type, type->BaseSize + (nuint)length * type->ComponentSize);
            array[2] = (int)length;
            return array;
        }

        [RuntimeExport("RhpNewPtrArrayFast")] private static void* NewPointerArray(MethodTable* type, nint length) => NewArray(type, length);
        [RuntimeExport("RhpNewArray")] private static void* NewArraySlow(MethodTable* type, nint length) => NewArray(type, length);
    }
}
