namespace Internal.Runtime
{
    /// <summary>ilc's description of a type: 24 bytes, then the vtable, then the interfaces.</summary>
    internal unsafe struct MethodTable
    {
        internal ushort ComponentSize;
        internal ushort Flags;
        internal uint BaseSize;
        internal MethodTable* RelatedType; // the base class
        internal ushort NumVtableSlots;
        internal ushort NumInterfaces;
        internal uint HashCode;
    }
}
