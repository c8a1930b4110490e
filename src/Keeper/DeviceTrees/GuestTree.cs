using System;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.DeviceTrees;

/// <summary>What differs from one guest's device tree to another's.</summary>
public ref struct GuestTree
{
    private const uint InterruptController = 1, BusClock = 2, Gpio = 3;     // phandles
    private const uint Shared = 0, Private = 1, LevelHigh = 4; // GICv3 binding

    /// <summary>Bytes of memory, from <see cref="VirtualHandset.Ram"/>.</summary>
    public ulong Memory;

    public int Cores;
    public ReadOnlySpan<byte> CommandLine;

    /// <summary>Guest addresses; equal if there is no initrd.</summary>
    public ulong InitrdStart, InitrdEnd;

    /// <summary>Fresh for each start: the guest's first entropy, and where its kernel goes in virtual memory. Left out if empty.</summary>
    public ReadOnlySpan<byte> RandomSeed, KaslrSeed;

    /// <summary>Writes the tree. False if it does not fit.</summary>
    public readonly bool TryWrite(Span<byte> blob, Span<byte> strings, out int size)
    {
        var tree = new FdtWriter(blob, strings);
        tree.BeginNode(""u8);
        tree.Cell32("interrupt-parent"u8, InterruptController);
        tree.Cell32("#address-cells"u8, 2);
        tree.Cell32("#size-cells"u8, 2);
        tree.Text("model"u8, "linux,dummy-virt"u8);
        tree.Text("compatible"u8, "linux,dummy-virt"u8);
        Chosen(ref tree);
        tree.BeginNode("memory"u8, VirtualHandset.Ram);
        tree.Text("device_type"u8, "memory"u8);
        tree.Reg(VirtualHandset.Ram, Memory);
        tree.EndNode();
        Processors(ref tree);
        Platform(ref tree);
        Devices(ref tree);
        tree.EndNode();
        return tree.TryFinish(out size);
    }

    private readonly void Chosen(ref FdtWriter tree)
    {
        tree.BeginNode("chosen"u8);
        tree.Text("bootargs"u8, CommandLine);
        tree.Text("stdout-path"u8, "/pl011@9000000"u8);
        if (InitrdEnd > InitrdStart)
        {
            tree.Cell64("linux,initrd-start"u8, InitrdStart);
            tree.Cell64("linux,initrd-end"u8, InitrdEnd);
        }
        if (!RandomSeed.IsEmpty) tree.Value("rng-seed"u8, RandomSeed);
        if (!KaslrSeed.IsEmpty) tree.Value("kaslr-seed"u8, KaslrSeed);
        tree.EndNode();
    }

    private readonly void Processors(ref FdtWriter tree)
    {
        tree.BeginNode("cpus"u8);
        tree.Cell32("#address-cells"u8, 1);
        tree.Cell32("#size-cells"u8, 0);
        for (uint i = 0; i < (uint)Cores; i++)
        {
            tree.BeginNode("cpu"u8, i);
            tree.Text("device_type"u8, "cpu"u8);
            tree.Text("compatible"u8, "arm,armv8"u8);
            tree.Cell32("reg"u8, i);
            tree.Text("enable-method"u8, "psci"u8);
            tree.EndNode();
        }
        tree.EndNode();
    }

    private readonly void Platform(ref FdtWriter tree)
    {
        tree.BeginNode("psci"u8);
        tree.Text("compatible"u8, "arm,psci-1.0\0arm,psci-0.2"u8);
        tree.Text("method"u8, "hvc"u8);
        tree.EndNode();

        tree.BeginNode("intc"u8, VirtualHandset.GicDistributor);
        tree.Text("compatible"u8, "arm,gic-v3"u8);
        tree.Flag("interrupt-controller"u8);
        tree.Cell32("#interrupt-cells"u8, 3);
        tree.Cell32("#address-cells"u8, 2);
        tree.Cell32("#size-cells"u8, 2);
        tree.Cell32("#redistributor-regions"u8, 1);
        tree.Reg(
            VirtualHandset.GicDistributor, VirtualHandset.GicDistributorSize,
            VirtualHandset.GicRedistributor, VirtualHandset.GicRedistributorSize * (ulong)Cores);
        tree.Cell32("phandle"u8, InterruptController);
        tree.EndNode();

        tree.BeginNode("timer"u8);
        tree.Text("compatible"u8, "arm,armv8-timer"u8);
        tree.Flag("always-on"u8);
        // Secure, non-secure, virtual and hypervisor timer
        tree.Cells("interrupts"u8, [Private, 13, LevelHigh, Private, 14, LevelHigh, Private, 11, LevelHigh, Private, 10, LevelHigh]);
        tree.EndNode();

        tree.BeginNode("apb-pclk"u8);
        tree.Text("compatible"u8, "fixed-clock"u8);
        tree.Cell32("#clock-cells"u8, 0);
        tree.Cell32("clock-frequency"u8, 24_000_000);
        tree.Text("clock-output-names"u8, "clk24mhz"u8);
        tree.Cell32("phandle"u8, BusClock);
        tree.EndNode();
    }

    private static void Devices(ref FdtWriter tree)
    {
        tree.BeginNode("pl011"u8, VirtualHandset.Pl011);
        tree.Text("compatible"u8, "arm,pl011\0arm,primecell"u8);
        tree.Reg(VirtualHandset.Pl011, 0x1000);
        tree.Cells("interrupts"u8, [Shared, VirtualHandset.Pl011Spi, LevelHigh]);
        tree.Cells("clocks"u8, [BusClock, BusClock]);
        tree.Text("clock-names"u8, "uartclk\0apb_pclk"u8);
        tree.EndNode();

        tree.BeginNode("pl031"u8, VirtualHandset.Pl031);
        tree.Text("compatible"u8, "arm,pl031\0arm,primecell"u8);
        tree.Reg(VirtualHandset.Pl031, 0x1000);
        tree.Cells("interrupts"u8, [Shared, VirtualHandset.Pl031Spi, LevelHigh]);
        tree.Cell32("clocks"u8, BusClock);
        tree.Text("clock-names"u8, "apb_pclk"u8);
        tree.EndNode();

        tree.BeginNode("pl061"u8, VirtualHandset.Pl061);
        tree.Text("compatible"u8, "arm,pl061\0arm,primecell"u8);
        tree.Reg(VirtualHandset.Pl061, 0x1000);
        tree.Cells("interrupts"u8, [Shared, VirtualHandset.Pl061Spi, LevelHigh]);
        tree.Cell32("clocks"u8, BusClock);
        tree.Text("clock-names"u8, "apb_pclk"u8);
        tree.Flag("gpio-controller"u8);
        tree.Cell32("#gpio-cells"u8, 2);
        tree.Flag("interrupt-controller"u8);
        tree.Cell32("#interrupt-cells"u8, 2);
        tree.Cell32("#address-cells"u8, 0);
        tree.Cell32("phandle"u8, Gpio);
        tree.EndNode();

        tree.BeginNode("gpio-keys"u8);
        tree.Text("compatible"u8, "gpio-keys"u8);
        tree.BeginNode("poweroff"u8);
        tree.Text("label"u8, "GPIO Key Poweroff"u8);
        tree.Cell32("linux,code"u8, 116); // KEY_POWER
        tree.Cells("gpios"u8, [Gpio, Pl061.PowerButton, 0]);
        tree.EndNode();
        tree.EndNode();

        for (int slot = 0; slot < ProfileDevices.UsedSlots; slot++)
        {
            ulong address = VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep;
            tree.BeginNode("virtio_mmio"u8, address);
            tree.Text("compatible"u8, "virtio,mmio"u8);
            tree.Reg(address, VirtualHandset.VirtioMmioStep);
            tree.Cells("interrupts"u8, [Shared, (uint)(VirtualHandset.VirtioSpi + slot), LevelHigh]);
            tree.Flag("dma-coherent"u8);
            tree.EndNode();
        }
    }
}
