using System;
using System.Collections.Generic;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Hypervisor.Tests.Ownership.Requirement;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>Whether machine and reference model say the same: of owners, of what guests see, of who runs, and of what lies in pages.</summary>
internal sealed class Agreement(int firstWatched, int watched)
{
    private readonly List<Mapping> _mappings = [];
    private readonly List<ulong> _tables = [];

    public void Check(ReferenceModel model)
    {
        ReadOnlySpan<byte> owners = PhysicalMemory.OwnerBytes;
        Require(owners.Length == model.Pages.Length, "the owner table has another length");
        for (int i = 0; i < owners.Length; i++)
        {
            ref ReferencePage page = ref model.Pages[i];
            int state = page.Owner == Owner.Keeper ? page.IsLent ? 2 : 1 : page.Owner == Owner.Hypervisor ? 3 : 0;
            Require(owners[i] == (byte)(state << 6 | (int)page.Vm), $"page {i:x} is {owners[i]:x}, and should be {page}");
        }
        for (uint id = 1; id < Abi.VmControl.MaxVms; id++)
        {
            bool exists = model.Vms.TryGetValue(id, out ReferenceVm vm);
            VmState state = Vms.State[(int)id];
            Require(state == (!exists ? VmState.Free : vm.HasEnded ? VmState.Ending : VmState.Alive), $"VM {id} is {state}");
            if (exists) CheckVm(id, vm);
        }
        for (uint core = 0; core < Cpu.All.Length; core++)
            Require(Cpu.All[core].Loaded == (model.Running[core] ?? (0, core)), $"core {core} runs {Cpu.All[core].Loaded}, and should {model.Running[core]}");
        for (int i = firstWatched; i < firstWatched + watched; i++) CheckContent(model, i);
        foreach (int i in model.Touched) CheckContent(model, i);
    }

    private void CheckVm(uint id, ReferenceVm vm)
    {
        for (uint i = 0; i < vm.Vcpus.Length; i++)
        {
            VcpuState state = PhysicalMemory.Vcpu(id, i).State;
            ReferenceVcpu seen = state == VcpuState.Off ? ReferenceVcpu.Off : state == VcpuState.Running ? ReferenceVcpu.Running : ReferenceVcpu.Stopped;
            Require(seen == vm.Vcpus[i], $"vCPU {i} of VM {id} is {state}");
        }
        if (vm.HasEnded) return;
        _mappings.Clear();
        _tables.Clear();
        HardwareWalk.Visit(PhysicalMemory.Vm(id).Vttbr, _mappings, _tables);
        int pages = 0;
        foreach (Mapping mapping in _mappings)
        {
            for (ulong offset = 0; offset < mapping.Size; offset += 0x1000, pages++)
            {
                bool exists = vm.Memory.TryGetValue((mapping.Input + offset) / 0x1000, out var lent);
                Require(exists && lent == ((mapping.Output + offset) / 0x1000, !mapping.IsWritable), $"{mapping} of VM {id} should be {lent}");
            }
        }
        Require(pages == vm.Memory.Count, $"VM {id} sees {pages} pages of {vm.Memory.Count}");
    }

    // Of the hypervisor's pages it says nothing: those are its own.
    private static void CheckContent(ReferenceModel model, int index)
    {
        if (model.Pages[index].Owner != Owner.Keeper) return;
        ulong address = model.Address(index);
        ReadOnlySpan<ulong> words = PhysicalMemory.Words(address);
        Content content = words[Marks.Word(address)] == Marks.Of(address) ? Content.Marked : words.ContainsAnyExcept(0ul) ? Content.Junk : Content.Zero;
        Require(content == model.Pages[index].Content, $"page {address:x} is {content}, and should be {model.Pages[index]}");
    }
}
