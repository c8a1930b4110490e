using System.Collections.Generic;

namespace Pocketvisor.Handsets.Tests;

/// <summary>All attacks, in the order of the table in docs/security.md.</summary>
internal static class Attacks
{
    private const string Stopped = "its profile is stopped, with a report", GoesOn = "goes on; the neighbour answers beside it; it ends when it is told to";

    public static readonly IReadOnlyList<Attack> All =
    [
        Memory("read-behind", "reads behind the end of its memory", "read end=0"),
        Memory("write-behind", "writes behind the end of its memory", "write end=0"),
        Memory("execute-behind", "executes behind the end of its memory", "execute end=0"),
        Memory("write-below", "writes below its memory", "write address=3ffffff0"),
        Memory("read-far", "reads at the end of the address space", "read address=7ffffff000"),
        Memory("execute-far", "executes far outside", "execute address=80000000"),
        Memory("write-neighbour", "writes to the physical address of another profile's memory", "write address=60000000"),
        Memory("pair-load", "loads a pair of registers over the end of its memory", "load") with { Guest = "PairFault" },
        Memory("pair-store", "stores a pair of registers over the end of its memory", "store") with { Guest = "PairFault" },
        Phone("devmem-read", "T1", "Linux: reads physical memory that isn't its own (`/dev/mem`)", AttackKind.EndsThePhone, Stopped, "devmem 0x60000000 32"),
        Phone("devmem-write", "T1", "Linux: writes there", AttackKind.EndsThePhone, Stopped, "devmem 0x60000000 32 0xdeadbeef"),
        new("hypercalls", "T2", "the keeper's hypercalls with every kind of argument, unknown ones, PSCI for others", AttackKind.Ends, "each gets an error: {0}")
            { Guest = "Hypercalls", Sign = "guest: hypercalls: accepted ", Alarm = "ACCEPTED" },
        new("flood", "T7", "HVC and SMC without end, on two vCPUs", AttackKind.GoesOn, GoesOn)
            { Guest = "CallFlood", Cores = 2, Sign = "guest: flood: calls 100000" },
        new("registers", "T3", "registers and instructions of EL2, EL3, physical timer, performance monitors", AttackKind.Ends, "each is an undefined instruction: {0}")
            { Guest = "SystemRegisters", Sign = "guest: registers: undefined ", Alarm = "ALLOWED" },
        new("gic", "T4", "its interrupt controller in every size at every alignment", AttackKind.Ends, "nothing comes of it")
            { Guest = "GicAccess", Cores = 2, Sign = "guest: gic: end" },
        new("deaf", "T4", "raises every interrupt that it has, and takes none", AttackKind.GoesOn, GoesOn)
            { Guest = "DeafGuest", Cores = 2, Sign = "guest: deaf: rounds 2000" },
        new("disk", "T5", "a disk driver that lies: rings, descriptors, requests", AttackKind.Ends, "each request fails or the device resets: {0}")
            { Guest = "DiskAttack", HasDisk = true, Sign = "guest: disk: end", Alarm = "BROKEN" },
        Phone("disk-flood", "T5", "Linux: writes and flushes its disk without end", AttackKind.GoesOn, GoesOn,
            "dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=fsync", "while :; do dd if=/dev/zero of=/dev/vda bs=64k count=16 conv=fsync; done 2>/dev/null"),
        Phone("entropy-flood", "T5", "Linux: takes random numbers without end", AttackKind.GoesOn, GoesOn,
            "dd if=/dev/hwrng of=/dev/null bs=16 count=1", "while :; do dd if=/dev/hwrng of=/dev/null bs=4k count=64; done 2>/dev/null"),
        Phone("clock", "T5", "Linux: sets its real-time clock to 2001", AttackKind.Commands, "changes its own clock only", "date -u -s '2001-01-01 00:00:00' && hwclock -w -u"),
        Phone("console-flood", "T5", "Linux: floods its console", AttackKind.GoesOn, GoesOn, "yes"),
        Phone("send-as-neighbour", "T6", "Linux: sends with its neighbour's MAC address: ARP, IPv6 neighbour discovery, broadcast", AttackKind.Commands, "no such frame leaves the handset",
            $"ip link set eth0 down && ip link set eth0 address {HostilePhone.PersonalAddress} && ip link set eth0 up; ping -c 2 -W 1 10.9.0.50; ping6 -c 2 -W 1 ff02::1%eth0; arping -U -c 2 -w 2 -I eth0 10.9.0.1; true"),
        Phone("send-to-neighbour", "T6", "Linux: sends to its neighbour's MAC address, and by broadcast and multicast", AttackKind.Commands, "no frame reaches the neighbour",
            $"ip neighbour replace 10.9.0.1 lladdr {HostilePhone.PersonalAddress} dev eth0; ping -c 2 -W 1 10.9.0.1; ping -c 2 -W 1 -b 10.9.0.255; ping6 -c 2 -W 1 ff02::1%eth0; true") with { IsHeardOutside = true },
        new("spin", "T7", "a tight loop on two vCPUs", AttackKind.GoesOn, GoesOn)
            { Guest = "Spin", Cores = 2, Sign = "guest: spin: cores 2" },
        Phone("processes", "T7", "Linux: starts processes without end, each of which computes", AttackKind.GoesOn, GoesOn, "while :; do while :; do :; done & done"),
        Phone("memory", "T7", "Linux: takes memory until there is none", AttackKind.Commands, "its own kernel refuses", "! tail /dev/zero"),
        Phone("panic", "T8", "Linux: panics", AttackKind.EndsThePhone, "only it ends", "echo c > /proc/sysrq-trigger"),
        Phone("power-off", "T8", "Linux: turns the machine off at once", AttackKind.EndsThePhone, "only it ends", "poweroff -f"),
    ];

    private static Attack Memory(string name, string attempt, string commandLine) =>
        new(name, "T1", attempt, AttackKind.IsStopped, Stopped) { Guest = "MemoryOutside", CommandLine = commandLine, Sign = "guest: " };

    private static Attack Phone(string name, string threat, string attempt, AttackKind kind, string refusal, params string[] commands) => new(name, threat, attempt, kind, refusal) { Commands = commands };
}
