using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// What the hypervisor promises (Abi/HvcFunction.cs, docs/isolation.md), said a second time with plain arrays and dictionaries, and without looking at
/// how it does it. Interrupts are no part of it: whether a vCPU that may run does run, and when it leaves, is told to it.
/// </summary>
internal sealed partial class ReferenceModel
{
    private const ulong PageSize = 0x1000;

    private readonly ulong _memory, _memoryEnd;
    private readonly int _cores;
    private readonly HandsetDescription _handset;

    public ReferenceModel(HandsetDescription handset, ulong ownBytes)
    {
        _handset = handset;
        _cores = (int)handset.CoreCount;
        _memory = handset.Ranges[HandsetDescription.FirstBank].Start;
        _memoryEnd = handset.Ranges[(int)handset.RangeCount - 1].End;
        Pages = new ReferencePage[(_memoryEnd - _memory) / PageSize];
        for (int i = HandsetDescription.FirstBank; i < (int)handset.RangeCount; i++)
            for (ulong at = handset.Ranges[i].Start; at < handset.Ranges[i].End; at += PageSize)
                Pages[Index(at)].Owner = at < _memory + ownBytes ? Owner.Hypervisor : Owner.Keeper;
        Running = new (uint, uint)?[_cores];
    }

    /// <summary>From the first page of memory to the last, holes included.</summary>
    public ReferencePage[] Pages { get; private set; }

    public SortedDictionary<uint, ReferenceVm> Vms { get; private set; } = [];

    /// <summary>The guest vCPU that each core runs; null: its keeper.</summary>
    public (uint Vm, uint Vcpu)?[] Running { get; private set; }

    /// <summary>Pages that the last step may have changed.</summary>
    public List<int> Touched { get; private set; } = [];

    public ReferenceModel Clone()
    {
        var clone = (ReferenceModel)MemberwiseClone();
        clone.Pages = [.. Pages];
        clone.Vms = [];
        foreach (var vm in Vms) clone.Vms.Add(vm.Key, vm.Value.Clone());
        clone.Running = [.. Running];
        clone.Touched = [];
        return clone;
    }

    public int Index(ulong address) => (int)((address - _memory) / PageSize);

    public ulong Address(int index) => _memory + (ulong)index * PageSize;

    public bool IsMemory(ulong address) => address >= _memory && address < _memoryEnd;

    /// <summary>Whether the keeper may touch the address: memory of its own, and every device but the interrupt controller, as far as stage 2 has addresses.</summary>
    public bool KeeperMayTouch(ulong address) => IsMemory(address) ? Pages[Index(address)].Owner == Owner.Keeper
        : address < s_guestLimit && Enumerable.Range(0, 2).All(i => address < _handset.Ranges[i].Start || address >= _handset.Ranges[i].End);

    public void Mark(ulong address)
    {
        Pages[Index(address)].Content = Content.Marked;
        Touched.Add(Index(address));
    }

    /// <summary>A core went from its keeper into a guest.</summary>
    public void Enter(uint core, uint vm, uint vcpu)
    {
        if (Vms[vm].HasEnded || Vms[vm].Vcpus[vcpu] != ReferenceVcpu.Stopped) throw new InvalidOperationException($"VM {vm} vCPU {vcpu} runs, and may not.");
        Vms[vm].Vcpus[vcpu] = ReferenceVcpu.Running;
        Running[core] = (vm, vcpu);
    }

    /// <summary>A core went back to its keeper.</summary>
    public void Leave(uint core)
    {
        var (vm, vcpu) = Running[core].Value;
        Vms[vm].Vcpus[vcpu] = ReferenceVcpu.Stopped;
        Running[core] = null;
    }

    // Arithmetic that can't overflow, whatever the caller says.
    private bool IsMemory(ulong address, ulong pages) => address >= _memory && (UInt128)address + (UInt128)pages * PageSize <= _memoryEnd;

    // The page numbers of a range that lies in memory.
    private IEnumerable<int> Range(ulong address, ulong pages) => Enumerable.Range(Index(address), (int)pages);

    private void Change(ulong address, ulong pages, ReferencePage to)
    {
        foreach (int i in Range(address, pages))
        {
            Pages[i] = to;
            Touched.Add(i);
        }
    }
}
