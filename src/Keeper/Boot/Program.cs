using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Network;
using Pocketvisor.Keeper.Profiles;
using Pocketvisor.Keeper.Scheduling;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Boot;

/// <summary>The keeper's first C# on each core: from the device tree to the cores' loops.</summary>
public static unsafe class Program
{
    private const ulong PoolBytes = 4 << 20, HeapBytes = 2 << 20, LargePage = 2 << 20;
    private const int StackPages = 8;

    private static Core[] s_cores;
    private static HandsetDescription s_description;

    /// <summary>The boot core, still on the boot table: everything is mapped, nothing is protected.</summary>
    /// <param name="tree">Physical address of the handset's device tree.</param>
    /// <param name="free">
    /// First physical address that belongs to nobody; 0 if no hypervisor started us, and VmControl.EstablishFirst if one waits to be told what the handset has.
    /// </param>
    /// <param name="image">Physical address of the image.</param>
    [RuntimeExport("keeper_main")]
    private static void Main(ulong tree, ulong free, ulong image)
    {
        HandsetUart.Initialize(VirtualHandset.Pl011);
        Hypercall.IsPresent = free != 0;
        AddressSpace.SetImage(image);
        uint treeSize = FdtReader.TotalSize(Memory.At(tree, 8));
        if (free == VmControl.EstablishFirst) Establish(tree, Memory.At(tree, (int)Math.Min(treeSize, (uint)LargePage)));
        if (treeSize is 0 or > (uint)LargePage) Panic.Because("the boot loader passed a device tree"u8);
        ReadOnlySpan<byte> blob = Memory.At(tree, (int)treeSize);
        MemoryRange medium = Handset.FindBootMedium(blob);

        ulong pool = PageUp(Math.Max(free, AddressSpace.ImageEnd));
        ulong poolEnd = (pool + PoolBytes + LargePage - 1) & ~(LargePage - 1);
        // Loaders put both far behind the image. If not: behind them there is room.
        if (medium.Overlaps(pool, poolEnd)) pool = PageUp(medium.End);
        if (tree < pool + PoolBytes && pool < tree + treeSize) pool = PageUp(tree + treeSize);
        poolEnd = (pool + PoolBytes + LargePage - 1) & ~(LargePage - 1);
        Pages.Initialize(pool, poolEnd);
        Heap.Initialize(Pages.Allocate((int)(HeapBytes / Pages.Size)), HeapBytes);
        Heap.InitializeStatics(ReadyToRunHeader());
        Log.Initialize();

        var handset = new Handset();
        if (!handset.TryRead(blob)) Panic.Because("the handset's device tree names memory and cores"u8);
        if (Hypercall.IsPresent)
        {
            handset.NumberCores();
            // The tree may name cores that the survey did not find: the hypervisor has the others.
            while (handset.CoreCount > 1 && !Hypercall.IsCore((ulong)handset.CoreCount - 1)) handset.DropLastCore();
        }
        handset.PutFirst(Cpu.Mpidr() & 0xFF_00FF_FFFF);
        MapAll(handset);
        Pages.EnableRelease();
        HandsetUart.Initialize(handset.Uart.Address);
        Machine.Memory.Clear(tree, (treeSize + 15) & ~15ul); // a guest's memory from now on; the seed in it is a secret

        Start(handset, GuestMemory(handset, image, pool, poolEnd), AddressSpace.ImageEnd - image + poolEnd - pool);
    }

    // Below is a hypervisor that knows nothing yet. Comes back as Main's next call, or not at all. What was stored until then is forgotten.
    [DoesNotReturn]
    private static void Establish(ulong tree, ReadOnlySpan<byte> blob)
    {
        ReadOnlySpan<byte> lacks = Survey.Describe<HandsetRegisters>(blob, ref s_description);
        HandsetUart.Initialize(s_description.Ranges[HandsetDescription.Uart].Start);
        for (int i = (int)s_description.CoreCount; lacks.IsEmpty && i < VmControl.MaxVcpus; i++)
        {
            if (s_description.Cores[i].Redistributor != Survey.NoRedistributor) continue;
            HandsetUart.Write("pocketvisor: the core with affinity "u8);
            HandsetUart.WriteHex(s_description.Cores[i].Mpidr);
            HandsetUart.Write(" in the device tree is not there: it has no redistributor\r\n"u8);
        }
        if (lacks.IsEmpty && !Cpu.HasCrc32) lacks = "the processor's CRC32 instructions, with which the link checks its frames"u8;
        if (lacks.IsEmpty)
        {
            Survey.InitialiseDistributor<HandsetRegisters>(s_description);
            s_description.RestartableAt = Cpu.Now + VmControl.SecondsToRestart * Cpu.CounterFrequency();
            lacks = Survey.Sentence(Hypercall.Establish(ref s_description, tree));
        }
        HandsetUart.Write("pocketvisor: can't start: this handset lacks "u8);
        HandsetUart.Write(lacks);
        HandsetUart.Write("\r\n"u8);
        Cpu.Halt();
    }

    // The first line of a handset that starts.
    private static void Greet(Handset handset, ulong hypervisorBytes)
    {
        HandsetUart.Write(new Text(128).Add("pocketvisor: "u8).Add(handset.CoreCount).Add(" cores, GICv3, "u8).Add(handset.MemoryBytes >> 20).Add(" MB memory; hypervisor keeps "u8)
            .Add(hypervisorBytes >> 10).Add(" kB\r\n"u8).Bytes);
    }

    private static void Start(Handset handset, RangeAllocator guestMemory, ulong keeperBytes)
    {
        if (Hypercall.Version(out uint version, out ulong hypervisorBytes) != HvcStatus.Success) Log.Line("there is no hypervisor below; no profile can start"u8);
        else if (version != AbiVersion.Current) Panic.Because("hypervisor and keeper speak the same version"u8);
        else Greet(handset, hypervisorBytes);

        Panic.KeeperStarts();
        bool again = RestartMark.Leave();
        var clock = new HandsetClock(handset.Clock.Address == 0 ? null : new Pl031Driver(new DeviceBus(handset.Clock.Address)));
        RandomPool random = FindRandom(handset, clock);
        var supervisor = new Supervisor(ProfileLimits.MaxProfiles, guestMemory, isMemoryUsed: again, keeperBytes, clock, random);

        GicDistributor.Enable();
        VirtioBlockDriver flash = FindFlash(handset, clock, out DeviceSlot flashSlot);
        var loader = new ProfileLoader(supervisor);
        ProfileStore store = null;
        FileService files = null;
        if (flash != null)
        {
            supervisor.UseFlash(flash, flashSlot.Interrupt);
            GicDistributor.EnableShared(flashSlot.Interrupt, flashSlot.IsEdge, handset.Cores[0]);
            store = Mount(flash);
            if (store != null) files = new FileService(store, new SodiumDigest(), new StoredProfiles(supervisor, loader, clock));
        }
        NetworkSwitch network = FindNetwork(handset, clock, out DeviceSlot cardSlot);
        if (network != null)
        {
            supervisor.UseNetwork(network, cardSlot.Interrupt);
            GicDistributor.EnableShared(cardSlot.Interrupt, cardSlot.IsEdge, handset.Cores[0]);
        }
        ByteStream cable = FindCable(handset, out DeviceSlot cableSlot);
        var requests = new Requests(supervisor, handset, clock, random, files, hypervisorBytes);
        var link = new LinkServer(cable, requests, files, supervisor.Doorbell, ProfileLimits.MaxProfiles);
        supervisor.UseLink(link, cable, cableSlot.Interrupt);
        Log.Use(link);
        if (cableSlot.Interrupt != 0) GicDistributor.EnableShared(cableSlot.Interrupt, cableSlot.IsEdge, handset.Cores[0]);

        loader.LoadMedium(handset.BootMedium);
        if (store != null) loader.LoadFlash(store.Volume);
        StartCores(handset, supervisor);
        Log.Begin().AddUntrusted(handset.Board).Add(", "u8).Add(supervisor.CountCores()).Add(supervisor.CountCores() == 1 ? " core, "u8 : " cores, "u8).Add(handset.MemoryBytes >> 20).Add(" MB, "u8)
            .Add(loader.Count).Add(loader.Count == 1 ? " profile"u8 : " profiles"u8);
        Log.End();
        if (again) Log.Line("the handset was restarted: memory is zeroed before profiles get it"u8);
        for (int i = 0; i < supervisor.SlotCount; i++)
            if (supervisor.Profile(i).IsPresent && supervisor.Profile(i).Manifest.Autostart) supervisor.Profile(i).Start();
        s_cores[0].Run();
    }

    // The other cores come here, on the table that stays.
    [RuntimeExport("keeper_secondary")]
    private static void Secondary(int core) => s_cores[core].Run();

    private static void MapAll(Handset handset)
    {
        AddressSpace.Initialize();
        for (int i = 0; i < handset.MemoryCount; i++) AddressSpace.MapMemory(handset.Memory[i].Start, handset.Memory[i].End);
        AddressSpace.MapDevice(VirtualHandset.GicDistributor, VirtualHandset.GicDistributorSize);
        AddressSpace.MapDevice(VirtualHandset.GicRedistributor, VirtualHandset.GicRedistributorSize * (ulong)handset.CoreCount);
        if (handset.Uart.Address != 0) AddressSpace.MapDevice(handset.Uart.Address, handset.Uart.Size);
        if (handset.Clock.Address != 0) AddressSpace.MapDevice(handset.Clock.Address, handset.Clock.Size);
        for (int i = 0; i < handset.VirtioCount; i++) AddressSpace.MapDevice(handset.Virtio[i].Address, handset.Virtio[i].Size);
        AddressSpace.Use();
    }

    // What neither hypervisor nor keeper nor boot medium use. The hypervisor is before the keeper's image, in the same 2 MB.
    private static RangeAllocator GuestMemory(Handset handset, ulong image, ulong pool, ulong poolEnd)
    {
        var memory = new RangeAllocator(LargePage, ProfileLimits.MaxProfiles + 16);
        for (int i = 0; i < handset.MemoryCount; i++)
        {
            MemoryRange bank = handset.Memory[i];
            if (bank.Overlaps(pool, poolEnd))
            {
                var below = new MemoryRange(bank.Start, (image & ~(LargePage - 1)) - bank.Start);
                if (below.Start < below.End) Release(memory, below, handset.BootMedium);
                bank.Start = poolEnd;
            }
            Release(memory, bank, handset.BootMedium);
        }
        return memory;
    }

    private static void Release(RangeAllocator memory, MemoryRange free, MemoryRange used)
    {
        if (free.Start >= free.End) return;
        if (used.Size != 0 && free.Overlaps(used.Start, used.End))
        {
            MemoryRange below = free, above = free;
            below.End = Math.Max(free.Start, used.Start);
            above.Start = Math.Min(free.End, used.End);
            Release(memory, below, default);
            Release(memory, above, default);
        }
        else if (!memory.TryRelease(free.Start, free.Size)) Panic.Because("banks of memory do not overlap"u8);
    }

    private static RandomPool FindRandom(Handset handset, HandsetClock clock)
    {
        VirtioRngDriver source = null;
        for (int i = 0; i < handset.VirtioCount && source == null; i++)
        {
            var bus = new DeviceBus(handset.Virtio[i].Address);
            if (new VirtioTransport(bus).DeviceId == VirtioMmio.Entropy)
                source = VirtioRngDriver.Start(bus, SharedPages.Allocate(VirtioRngDriver.MemoryBytes), clock);
        }
        if (source == null) Log.Line("the handset has no virtio entropy device, so guests get no random bytes from theirs"u8);
        var random = new RandomPool(source, handset.Seed, handset.SeedLength);
        random.Refill(); // by the first start it has answered
        return random;
    }

    private static VirtioBlockDriver FindFlash(Handset handset, HandsetClock clock, out DeviceSlot slot)
    {
        for (int i = 0; i < handset.VirtioCount; i++)
        {
            slot = handset.Virtio[i];
            var bus = new DeviceBus(slot.Address);
            if (new VirtioTransport(bus).DeviceId != VirtioMmio.Block) continue;
            VirtioBlockDriver flash = VirtioBlockDriver.Start(bus, SharedPages.Allocate(VirtioBlockDriver.MemoryBytes), clock);
            if (flash != null) return flash;
            Log.Line("the handset's virtio block device lacks what the keeper needs of a flash: indirect descriptors"u8);
        }
        slot = default;
        return null;
    }

    private static NetworkSwitch FindNetwork(Handset handset, HandsetClock clock, out DeviceSlot slot)
    {
        for (int i = 0; i < handset.VirtioCount; i++)
        {
            slot = handset.Virtio[i];
            var bus = new DeviceBus(slot.Address);
            if (new VirtioTransport(bus).DeviceId != VirtioMmio.Network) continue;
            VirtioNetDriver card = VirtioNetDriver.Start(bus, SharedPages.Allocate(VirtioNetDriver.MemoryBytes));
            if (card != null) return new NetworkSwitch(card, clock, ProfileLimits.MaxProfiles);
        }
        slot = default;
        return null;
    }

    // The profiles on the flash, whole again after a cut. Null if there is no volume that can be trusted.
    private static ProfileStore Mount(VirtioBlockDriver flash)
    {
        var volume = new ExFatVolume(flash);
        var store = new ProfileStore(volume);
        FlashStatus status = volume.Mount();
        for (bool done = false; status == FlashStatus.Ok && !done;) status = store.CleanUp(out done);
        if (status == FlashStatus.Ok) return store;
        Text line = Log.Begin().Add("the flash is not used: "u8);
        if (status is FlashStatus.NotExFat or FlashStatus.Damaged) line.AddUntrusted(volume.Problem);
        else line.Add("it cannot be read or written"u8);
        Log.End();
        return null;
    }

    private static ByteStream FindCable(Handset handset, out DeviceSlot slot)
    {
        for (int i = 0; i < handset.VirtioCount; i++)
        {
            slot = handset.Virtio[i];
            var bus = new DeviceBus(slot.Address);
            if (new VirtioTransport(bus).DeviceId != VirtioMmio.Console) continue;
            ByteStream cable = VirtioConsoleDriver.Start(bus, SharedPages.Allocate(VirtioConsoleDriver.MemoryBytes));
            if (cable != null) return cable;
        }
        Log.Line("the handset has no virtio console, so there is no link to a PC"u8);
        slot = default;
        return new NoCable();
    }

    private static void StartCores(Handset handset, Supervisor supervisor)
    {
        const int vcpus = ProfileLimits.MaxProfiles * VmControl.MaxVcpus;
        s_cores = new Core[handset.CoreCount];
        for (int i = 0; i < s_cores.Length; i++) s_cores[i] = new Core(i, handset.Cores[i], vcpus, i == 0 ? supervisor : null);
        supervisor.UseCores(s_cores);
        for (int i = 1; i < s_cores.Length; i++)
        {
            ulong stack = Pages.Allocate(StackPages);
            if (stack == 0) Panic.Because("the pool has pages for stacks"u8);
            SecondaryCore.Start(s_cores[i], stack + StackPages * Pages.Size);
        }
    }

    private static ulong PageUp(ulong address) => (address + Pages.Size - 1) & ~(Pages.Size - 1);

    [RuntimeImport("*", "bare_r2r_header"), MethodImpl(MethodImplOptions.InternalCall)] private static extern byte* ReadyToRunHeader();
}
