using System;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.DeviceTrees;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Scheduling;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

// From nothing to a guest that runs, in steps. Only the supervisor's core runs this.
public sealed partial class Profile
{
    private void Create()
    {
        _done = 0;
        _failure.Clear();
        if (!TryOpenFiles(_failure) || !TryConfigureNetwork(_failure) || !TryConfigureDisks(_failure))
        {
            FailStart(default);
            return;
        }
        Span<byte> header = new(_header);
        if (_kernel.Size < (ulong)header.Length || !_kernel.TryRead(0, header) || !KernelImage.TryRead(header, _kernel.Size, out _image))
        {
            FailStart("the kernel is not an arm64 Linux image"u8);
            return;
        }
        if (!GuestLayout.TryMake(Manifest.Memory, _image, _initrd.Size, out _layout))
        {
            FailStart("its memory is too small for its kernel and initrd"u8);
            return;
        }
        if (!_supervisor.GuestMemory.TryAllocate(Manifest.Memory, out ulong address))
        {
            FailStart("the handset has not enough free memory in one piece"u8);
            return;
        }
        _memory.PhysicalAddress = address;

        int gigabytes = 1 + (int)((Manifest.Memory + (1 << 30) - 1) >> 30); // the first is the devices'
        _controlPageCount = VmControl.Pages(_vcpuCount, gigabytes, unalignedRanges: 1);
        _controlPages = Pages.Allocate(_controlPageCount);
        if (_controlPages == 0)
        {
            FailStart("the keeper has no pages left for a virtual machine"u8);
            return;
        }
        _startedAt = Cpu.Now; // the guest's clock begins in here
        HvcStatus status = Hypercall.VmCreate(_controlPages, _controlPageCount, _vcpuCount, out int vm);
        if (status != HvcStatus.Success)
        {
            FailStart("the hypervisor makes no virtual machine"u8, status);
            return;
        }
        _interrupts.Vm = vm;
        status = Hypercall.VmLend(vm, address, VirtualHandset.Ram, Manifest.Memory / Pages.Size);
        _lent = IsLent(status);
        if (status == HvcStatus.Success)
        {
            status = Hypercall.VmLendReadOnly(vm, _registers.PhysicalAddress, VirtualHandset.VirtioMmio, 1);
            _registersLent = IsLent(status);
        }
        if (status != HvcStatus.Success)
        {
            FailStart("the hypervisor does not lend memory"u8, status);
            return;
        }
        _phase = ProfilePhase.Wipe;
    }

    // What the guest's tables refuse is lent all the same.
    private static bool IsLent(HvcStatus status) => status is HvcStatus.Success or HvcStatus.AlreadyMapped or HvcStatus.NoMemory;

    // Zeroes the next piece of its memory, which no vCPU of its has seen yet; true when all of it is done.
    private bool Wipe()
    {
        ulong size = Math.Min(Manifest.Memory - _done, StepBytes), at = _memory.PhysicalAddress + _done;
        Memory.Clear(at, size);
        Memory.CleanToCoherency(at, size); // it starts with its caches off
        _done += size;
        if (_done < Manifest.Memory) return false;
        _done = 0;
        return true;
    }

    // Loads the next piece of a file into the guest; true when all of it is there, and is what the manifest says.
    private bool Load(GuestFile file, ulong guestAddress, ReadOnlySpan<byte> name)
    {
        ulong size = Math.Min(file.Size - _done, StepBytes);
        ReadOnlySpan<byte> expected = Manifest.DigestOf(name);
        if (_done == 0) _digest.Reset();
        if (size != 0)
        {
            Span<byte> piece = _memory.Slice(guestAddress + _done, (int)size);
            if (!file.TryRead(_done, piece)) return FailLoad(name, " cannot be read from the flash"u8);
            if (!expected.IsEmpty) _digest.Append(piece);
            Memory.CleanToCoherency(_memory.ToPhysical(guestAddress) + _done, size);
        }
        _done += size;
        if (_done < file.Size) return false;
        _done = 0;
        if (expected.IsEmpty) return true;
        Span<byte> digest = new(_fileDigest);
        _digest.Finish(digest);
        return Bytes.Equal(digest, expected) || FailLoad(name, " is not the file that the manifest's sha256 names: copy the profile anew"u8);
    }

    private bool FailLoad(ReadOnlySpan<byte> file, ReadOnlySpan<byte> why)
    {
        _failure.Clear().Add(file).Add(why);
        FailStart(default);
        return false;
    }

    private void Launch()
    {
        Span<byte> seeds = new(_seeds);
        seeds = seeds.Slice(0, _random.TakeSeed(seeds));
        if (seeds.Length < KaslrSeedBytes + UnguessableBytes)
        {
            Log.Begin(Name).Add("warning: starts without seeds, for there are no random bytes left"u8);
            Log.End();
            seeds.Clear();
            seeds = default;
        }
        var tree = new GuestTree
        {
            Memory = Manifest.Memory,
            Cores = _vcpuCount,
            CommandLine = Manifest.CommandLine,
            InitrdStart = _layout.Initrd,
            InitrdEnd = _layout.Initrd + _initrd.Size,
            KaslrSeed = seeds.Slice(0, Math.Min(KaslrSeedBytes, seeds.Length)),
            RandomSeed = seeds.Slice(Math.Min(KaslrSeedBytes, seeds.Length)),
        };
        bool fits = tree.TryWrite(_memory.Slice(_layout.Tree, (int)GuestLayout.TreeSize), _treeStrings, out int size);
        seeds.Clear(); // used once
        if (!fits)
        {
            FailStart("the device tree is too large"u8);
            return;
        }
        Memory.CleanToCoherency(_memory.ToPhysical(_layout.Tree), (ulong)size);
        Devices.Reset();

        uint used = 0;
        HvcStatus status = HvcStatus.Success;
        foreach (Vcpu vcpu in Vcpus)
        {
            vcpu.Reset();
            vcpu.Core = _supervisor.Place(vcpu.Weight, ref used);
            if (status == HvcStatus.Success) status = Hypercall.VcpuBind(Vm, vcpu.Index, vcpu.Core.Index);
        }
        if (status == HvcStatus.Success) status = Hypercall.VcpuStart(Vm, 0, _layout.Kernel, _layout.Tree);
        if (status != HvcStatus.Success)
        {
            foreach (Vcpu vcpu in Vcpus) Leave(vcpu);
            FailStart("the hypervisor does not start it"u8, status);
            return;
        }

        Log.Begin(Name).Add(_vcpuCount).Add(_vcpuCount == 1 ? " vCPU, "u8 : " vCPUs, "u8)
            .Add(Manifest.Memory >> 20).Add(" MB at "u8).Hex(_memory.PhysicalAddress).Add(", started"u8);
        Log.End();
        _restarts.Started(Cpu.Now);
        _phase = ProfilePhase.Running;
        SetState(LinkProfileState.Running, ""u8);
        Volatile.Write(ref _attached, _vcpuCount);
        // vCPU 0, which starts the others, comes last: they are at home by then.
        for (int i = _vcpuCount - 1; i >= 0; i--) _vcpus[i].Core.Post(CoreRequest.Attach, _vcpus[i]);
    }

    /// <param name="why">Empty if <c>_failure</c> says it already.</param>
    private void FailStart(ReadOnlySpan<byte> why, HvcStatus status = HvcStatus.Success)
    {
        if (!why.IsEmpty) _failure.Clear().Add(why);
        if (status != HvcStatus.Success) _failure.Add(": status "u8).Add((int)status);
        Log.Begin(Name).Add("not started: "u8).Add(_failure.Bytes);
        Log.End();
        Volatile.Write(ref _stopReason, (int)StopReason.StartFailed);
    }
}
