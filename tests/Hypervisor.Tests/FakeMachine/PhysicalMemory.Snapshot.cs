using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

internal static partial class PhysicalMemory
{
    private const ulong AllAlike = 1, Some = 2, OfVm = 4, OfVcpu = 5;

    private static (ulong Physical, ulong[] Page, Vm[] Vm, Vcpu[] Vcpu)[] s_order = [];

    /// <summary>Writes all that memory holds, the owner table too: equal memory, equal words.</summary>
    public static void Save(List<ulong> words)
    {
        foreach (var (physical, page, vm, vcpu) in InOrder())
        {
            Save(words, physical, Some, page);
            if (vm is not null) Save(words, physical, OfVm, MemoryMarshal.Cast<Vm, ulong>(vm));
            if (vcpu is not null) Save(words, physical, OfVcpu, MemoryMarshal.Cast<Vcpu, ulong>(vcpu));
        }
        words.Add(0);
        words.AddRange(MemoryMarshal.Cast<byte, ulong>(s_owners)); // as many pages as make whole words
    }

    /// <summary>Memory as it was saved; pages that nobody had touched then are zero.</summary>
    /// <returns>How many words that were.</returns>
    public static int Restore(ReadOnlySpan<ulong> words)
    {
        foreach (var (_, page, vm, vcpu) in InOrder())
        {
            page.AsSpan().Clear();
            vm?[0] = default;
            vcpu?[0] = default;
        }
        int at = 0;
        while (words[at] != 0)
        {
            ulong physical = words[at] & AddressMask, kind = words[at] & 7;
            int count = (int)words[at + 1];
            Span<ulong> to = kind == OfVm ? MemoryMarshal.Cast<Vm, ulong>(s_vms[physical].AsSpan()) : kind == OfVcpu ? MemoryMarshal.Cast<Vcpu, ulong>(s_vcpus[physical].AsSpan()) : Page(physical);
            at += 2;
            if (kind == AllAlike) to.Fill(words[at - 1]);
            else for (int i = 0; i < count; i++, at += 2) to[(int)words[at]] = words[at + 1];
        }
        Span<ulong> owners = MemoryMarshal.Cast<byte, ulong>(s_owners.AsSpan());
        words.Slice(at + 1, owners.Length).CopyTo(owners);
        return at + 1 + owners.Length;
    }

    private static (ulong Physical, ulong[] Page, Vm[] Vm, Vcpu[] Vcpu)[] InOrder()
    {
        if (s_order.Length == 0) s_order = [.. s_pages.Select(page => (page.Key, page.Value, s_vms.GetValueOrDefault(page.Key), s_vcpus.GetValueOrDefault(page.Key))).OrderBy(page => page.Key)];
        return s_order;
    }

    private static void Save(List<ulong> words, ulong physical, ulong kind, ReadOnlySpan<ulong> from)
    {
        if (!from.ContainsAnyExcept(from[0]))
        {
            if (from[0] != 0) words.AddRange([physical | AllAlike, from[0]]);
            return;
        }
        words.AddRange([physical | kind, 0]);
        int count = words.Count - 1;
        for (int i = 0, next; (next = from[i..].IndexOfAnyExcept(0ul)) >= 0; i++)
        {
            i += next;
            words.AddRange([(ulong)i, from[i]]);
            words[count]++;
            if (i + 1 == from.Length) break;
        }
    }
}
