using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>The whole machine and EL2's state in it, as words: equal words, equal future. Syndromes and arguments are written anew for each trap, and left out.</summary>
internal static class Snapshot
{
    private static readonly List<ulong> s_words = [];

    /// <summary>Good until the next one.</summary>
    public static ReadOnlySpan<ulong> Take()
    {
        s_words.Clear();
        PhysicalMemory.Save(s_words);
        for (int i = 0; i < Abi.VmControl.MaxVms; i++) s_words.Add((ulong)Vms.State[i]);
        for (uint i = 0; i < Cpu.All.Length; i++)
        {
            FakeCore core = Cpu.All[i];
            s_words.AddRange([(ulong)core.Loaded.Value.Vm << 8 | core.Loaded.Value.Index, core.IchHcr, core.IchVmcr, core.Hcr, core.Vttbr, core.Cptr]);
            s_words.AddRange([core.EsrEl1, core.ElrEl1, core.SpsrEl1, core.VbarEl1, core.MdscrEl1, core.CntvCtl, core.CntvCval, Cores.At(i).Wakeups, Cores.At(i).VectorsOf]);
            s_words.AddRange(core.Lists);
        }
        foreach (var ((vttbr, page), physical) in Cpu.Tlb.OrderBy(entry => entry.Key)) s_words.AddRange([vttbr, page, physical]);
        return CollectionsMarshal.AsSpan(s_words);
    }

    public static void Put(ReadOnlySpan<ulong> words)
    {
        words = words[PhysicalMemory.Restore(words)..];
        for (int i = 0; i < Abi.VmControl.MaxVms; i++) Vms.State[i] = (VmState)words[i];
        words = words[Abi.VmControl.MaxVms..];
        for (uint i = 0; i < Cpu.All.Length; i++)
        {
            FakeCore core = Cpu.All[i];
            core.Loaded = ((uint)words[0] >> 8, (uint)words[0] & 0xFF);
            (core.IchHcr, core.IchVmcr, core.Hcr, core.Vttbr, core.Cptr) = (words[1], words[2], words[3], words[4], words[5]);
            (core.EsrEl1, core.ElrEl1, core.SpsrEl1, core.VbarEl1, core.MdscrEl1, core.CntvCtl, core.CntvCval) = (words[6], words[7], words[8], words[9], words[10], words[11], words[12]);
            (Cores.At(i).Wakeups, Cores.At(i).VectorsOf) = (words[13], (uint)words[14]);
            words[15..(15 + core.Lists.Length)].CopyTo(core.Lists);
            words = words[(15 + core.Lists.Length)..];
        }
        Cpu.ForgetAll();
        for (; words.Length > 0; words = words[3..]) Cpu.Remember(words[0], words[1], words[2]);
    }
}
