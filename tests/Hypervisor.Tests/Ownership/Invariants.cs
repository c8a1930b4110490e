using System;
using System.Collections.Generic;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Hypervisor.Tests.Ownership.Requirement;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// What holds between any two steps, seen in the machine itself: the bytes of the owner table, the translation tables, the TLB, EL2's windows and what each
/// core has loaded. A VM that has ended keeps tables that nobody walks any more; that nobody does, is part of it.
/// </summary>
internal sealed class Invariants
{
    private const ulong PageSize = 0x1000, FirstPage = FakeHandset.Memory / PageSize;
    private const ulong AddressMask = 0x0000_FFFF_FFFF_F000;
    private const byte None = 0, Keeper = 1, Lent = 2, Hypervisor = 3;

    private readonly byte[] _start = PhysicalMemory.Owners();
    private readonly HandsetDescription _handset = Handset.Description;
    private readonly int[] _pagesOf = new int[256];
    private readonly List<Mapping> _mappings = [];
    private readonly List<ulong> _tables = [];
    private readonly bool[] _isUsed;
    private readonly List<int> _used = [];

    public Invariants() => _isUsed = new bool[_start.Length];

    public void Check()
    {
        CheckOwners();
        foreach (int page in _used) _isUsed[page] = false;
        _used.Clear();
        ReadOnlySpan<ulong> windows = PhysicalMemory.WindowEntries;
        for (int vm = 0; vm < VmControl.MaxVms; vm++) CheckVm((uint)vm, windows[vm]);
        Require(windows[VmControl.MaxVms] == 0, "the window for zeroing is open");
        CheckCores();
        foreach (var ((vttbr, input), output) in Cpu.Tlb)
        {
            uint vm = (uint)(vttbr >> 48);
            Require(Vms.State[(int)vm] == VmState.Alive, $"a core remembers {input:x} of VM {vm}, which is not alive");
            CheckTarget(vm, new(input, output, PageSize, IsWritable: true, IsDevice: true));
        }
    }

    // Every page has one owner, and no page comes or goes: what was no memory or EL2's own at the start is so for ever.
    private void CheckOwners()
    {
        ReadOnlySpan<byte> owners = PhysicalMemory.OwnerBytes;
        Require(owners.Length == _start.Length, "the owner table has another length");
        Array.Clear(_pagesOf);
        for (int i = 0; i < owners.Length; i++)
        {
            byte record = owners[i];
            _pagesOf[record]++;
            bool isFixed = _start[i] is None or Hypervisor << 6;
            Require(isFixed ? record == _start[i] : record is not (None or Hypervisor << 6), $"page {i:x} is {record:x} and was {_start[i]:x}");
        }
        int sum = _pagesOf[None] + _pagesOf[Keeper << 6];
        for (int vm = 0; vm < VmControl.MaxVms; vm++) sum += _pagesOf[Hypervisor << 6 | vm] + (vm == 0 ? 0 : _pagesOf[Lent << 6 | vm]);
        Require(sum == owners.Length, "a page is in no state that there is");
    }

    private void CheckVm(uint id, ulong window)
    {
        VmState state = Vms.State[(int)id];
        int control = _pagesOf[Hypervisor << 6 | (int)id], lent = _pagesOf[Lent << 6 | (int)id];
        if (state == VmState.Free)
        {
            Require(window == 0 && control == 0 && lent == 0, $"VM {id} is free, with {control} control pages, {lent} lent pages and window {window:x}");
            return;
        }
        CheckWindow(id, window, control);
        ref Vm vm = ref PhysicalMemory.Vm(id);
        Require(id == 0 || lent == (int)vm.LentPages, $"{lent} pages are lent to VM {id}, which counts {vm.LentPages}");
        Require(vm.Vttbr >> 48 == id, $"VM {id} has VMID {vm.Vttbr >> 48}");
        if (state != VmState.Alive) return;
        _mappings.Clear();
        _tables.Clear();
        HardwareWalk.Visit(vm.Vttbr, _mappings, _tables);
        foreach (ulong table in _tables)
        {
            Require(IsMemory(table) && Record(table) == (Hypervisor << 6 | id), $"a table of VM {id} at {table:x} is not its own");
            Use(table, "table");
        }
        ulong bytes = 0;
        foreach (Mapping mapping in _mappings)
        {
            CheckTarget(id, mapping);
            bytes += mapping.Size;
        }
        // Less, if its tables refused some. Which ones exactly, the model says.
        Require(id == 0 || bytes <= (ulong)lent * PageSize, $"VM {id} maps {bytes:x} bytes of {lent} pages");
    }

    // EL2 sees a VM's control pages, each once, and nothing else there. The first of them is the window's own table.
    private void CheckWindow(uint id, ulong window, int control)
    {
        Require((window & 3) == 3 && Record(window & AddressMask) == (Hypervisor << 6 | id), $"window {id} is {window:x}");
        Use(window & AddressMask, "window");
        int pages = 0;
        ReadOnlySpan<ulong> words = PhysicalMemory.Words(window);
        Require((words[0] & AddressMask) == (window & AddressMask), $"window {id} begins with {words[0]:x}");
        for (; pages < 512 && words[pages] != 0; pages++)
            Require((words[pages] & 3) == 3 && Record(words[pages] & AddressMask) == (Hypervisor << 6 | id), $"page {pages} of window {id} is {words[pages]:x}");
        Require(!words[pages..].ContainsAnyExcept(0ul) && (id == 0 || pages == control), $"window {id} shows {pages} pages of {control}");
    }

    private void CheckTarget(uint vm, Mapping mapping)
    {
        bool isMemory = mapping.Output < FakeHandset.Memory + (ulong)_start.Length * PageSize && mapping.Output + mapping.Size > FakeHandset.Memory;
        if (vm == VmControl.Keeper) Require(mapping.Input == mapping.Output, $"the keeper's {mapping.Input:x} is {mapping.Output:x}");
        if (isMemory)
        {
            Require(IsMemory(mapping.Output) && IsMemory(mapping.Output + mapping.Size - 1), $"VM {vm} maps {mapping.Output:x}, partly no memory");
            for (ulong at = mapping.Output; at < mapping.Output + mapping.Size; at += PageSize)
            {
                byte record = Record(at);
                bool isAllowed = vm == VmControl.Keeper ? record == Keeper << 6 || record >> 6 == Lent : record == (Lent << 6 | vm);
                Require(isAllowed, $"VM {vm} maps {at:x}, which is {record:x}");
            }
        }
        else
        {
            Require(vm == VmControl.Keeper && mapping.IsDevice, $"VM {vm} maps {mapping.Output:x}, which is no memory");
            for (int i = HandsetDescription.Gicd; i <= HandsetDescription.Gicr; i++)
                Require(mapping.Output >= _handset.Ranges[i].End || mapping.Output + mapping.Size <= _handset.Ranges[i].Start, $"the keeper maps the interrupt controller, {mapping.Output:x}");
        }
    }

    // A vCPU runs on one core, and each core has what it runs.
    private static void CheckCores()
    {
        int runs = 0;
        for (uint core = 0; core < Cpu.All.Length; core++)
        {
            var (vm, index) = Cpu.All[core].Loaded.Value;
            Require(vm != VmControl.Keeper || index == core, $"core {core} runs the keeper of core {index}");
            Require(Vms.State[(int)vm] == VmState.Alive, $"core {core} runs VM {vm}, which is not alive");
            ref Vcpu vcpu = ref PhysicalMemory.Vcpu(vm, index);
            Require(vcpu.State == VcpuState.Running && vcpu.Core == core, $"core {core} runs VM {vm} vCPU {index}, which is {vcpu.State} on core {vcpu.Core}");
            Require(Cpu.All[core].Vttbr == PhysicalMemory.Vm(vm).Vttbr, $"core {core} runs VM {vm} with the tables {Cpu.All[core].Vttbr:x}");
            if (vm != VmControl.Keeper) runs++;
        }
        for (uint vm = 1; vm < VmControl.MaxVms; vm++)
        {
            if (Vms.State[(int)vm] == VmState.Free) continue;
            for (uint i = 0; i < PhysicalMemory.Vm(vm).VcpuCount; i++)
                if (PhysicalMemory.Vcpu(vm, i).State == VcpuState.Running) runs--;
        }
        Require(runs == 0, "as many vCPUs run as cores have guests");
    }

    private void Use(ulong page, string what)
    {
        int index = (int)(page / PageSize - FirstPage);
        Require(!_isUsed[index], $"{page:x} is a {what}, and something else");
        _isUsed[index] = true;
        _used.Add(index);
    }

    private bool IsMemory(ulong address) => address / PageSize - FirstPage < (ulong)_start.Length;

    private static byte Record(ulong address) => PhysicalMemory.OwnerBytes[(int)(address / PageSize - FirstPage)];
}
