using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Interrupts;

/// <summary>Random histories of a guest and its devices, against a model that has no list registers: one record for each interrupt.</summary>
public sealed class VgicModelTests
{
    private const ulong Gicd = VirtualHandset.GicDistributor, Sgi = VirtualHandset.GicRedistributor + 0x1_0000;

    // The interrupts that play: software interrupts, a private one, lines.
    private static readonly uint[] s_ids = [0, 1, 7, 15, 20, 33, 34, 35, 64, 95];

    private sealed class Interrupt
    {
        public bool Enabled, Group1, Latched, Level, Active;
        public byte Priority = 8;

        public bool Pending => Latched || Level;
    }

    [Fact]
    public void AgreesWithAModelWithoutListRegisters() => Prop.ForAll<int>(seed => Run(seed, 120)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static void Run(int seed, int steps)
    {
        FakeHandset.Start();
        FakeHandset.RunVm();
        Cpu.Here.IchVmcr = 0xF800_0003;
        FakeHandset.Write(Gicd, 3);
        var model = s_ids.ToDictionary(id => id, _ => new Interrupt());
        foreach (uint id in s_ids) FakeHandset.Write((id < 32 ? Sgi : Gicd) + 0x400 + id, 8, 0);
        var random = new Random(seed);
        bool exits = random.Next(2) == 0;
        for (int step = 0; step < steps; step++)
        {
            uint id = s_ids[random.Next(s_ids.Length)];
            var it = model[id];
            ulong words = (id < 32 ? Sgi : Gicd) + id / 32 * 4, bytes = (id < 32 ? Sgi : Gicd) + 0x400 + id;
            uint bit = 1u << (int)(id & 31);
            switch (random.Next(11))
            {
                case 0:
                    FakeHandset.Write(words + 0x180, bit);
                    it.Enabled = false;
                    break;
                case 1 or 2:
                    FakeHandset.Write(words + 0x100, bit);
                    it.Enabled = true;
                    break;
                case 3 when !it.Active && !it.Pending: // of a pending one it takes effect some time
                    it.Priority = (byte)(random.Next(0, 30) << 3);
                    FakeHandset.Write(bytes, it.Priority, 0);
                    break;
                case 4 when !it.Active:
                    it.Group1 = random.Next(4) != 0;
                    uint group = (uint)FakeHandset.Read(words + 0x80) & ~bit;
                    FakeHandset.Write(words + 0x80, group | (it.Group1 ? bit : 0));
                    break;
                case 5 when id < 16:
                    VgicTests.SendSgi((ulong)id << 24 | 1);
                    it.Latched = true;
                    break;
                case 5 or 6 when id < 32:
                    FakeHandset.Write(words + 0x200, bit);
                    it.Latched = true;
                    break;
                case 5 or 6:
                    it.Level = !it.Level;
                    VgicTests.SetLine(id, it.Level ? 1u : 0);
                    break;
                case 7 when exits: // out to the keeper and back
                    FakeHandset.Read(0x0900_0000);
                    FakeHandset.Enter(1, 0);
                    break;
                case 8 or 9 when model.Values.Count(i => i.Active) < 3:
                    Take(model, random.Next(4) != 0, step);
                    break;
                case 10:
                    var active = model.Where(p => p.Value.Active).OrderBy(p => p.Value.Priority).Select(p => p.Key).ToList();
                    if (active.Count == 0) break;
                    if (Cpu.Here.End(active[0])) FakeHandset.Interrupt(PhysicalGic.Maintenance);
                    model[active[0]].Active = false;
                    break;
            }
            CompareRegisters(model, step);
        }
    }

    private static void Take(System.Collections.Generic.Dictionary<uint, Interrupt> model, bool group1, int step)
    {
        byte running = model.Values.Where(i => i.Active).Select(i => i.Priority).DefaultIfEmpty((byte)0xF8).Min();
        var ready = model.Where(p => p.Value.Pending && p.Value.Enabled && !p.Value.Active).ToList();
        byte best = ready.Select(p => p.Value.Priority).DefaultIfEmpty((byte)0xFF).Min();
        var urgent = ready.Where(p => p.Value.Priority == best && best < running).ToDictionary();

        uint taken = Cpu.Here.Acknowledge(group1);
        if (taken != 1023)
        {
            Assert.True(urgent.TryGetValue(taken, out var it), $"step {step}: took {taken}, and not one of {string.Join(' ', urgent.Keys)}");
            Assert.Equal(group1, it.Group1);
            it.Active = true;
            it.Latched = false;
        }
        else if (urgent.Count != 0)
        {
            // Among equals the GIC may present either; then the other group's acknowledge sees nothing.
            Assert.Contains(urgent.Values, i => i.Group1 != group1);
        }
    }

    private static void CompareRegisters(System.Collections.Generic.Dictionary<uint, Interrupt> model, int step)
    {
        if (step % 8 != 7) return; // looking deals again, so not always
        for (uint word = 0; word < 3; word++)
        {
            ulong at = (word == 0 ? Sgi : Gicd) + word * 4;
            Assert.Equal(Word(model, word, i => i.Enabled), (uint)FakeHandset.Read(at + 0x100));
            Assert.Equal(Word(model, word, i => i.Active), (uint)FakeHandset.Read(at + 0x300));
            uint notActive = ~Word(model, word, i => i.Active);
            Assert.Equal(Word(model, word, i => i.Pending) & notActive, (uint)FakeHandset.Read(at + 0x200) & notActive);
        }
    }

    private static uint Word(System.Collections.Generic.Dictionary<uint, Interrupt> model, uint word, Func<Interrupt, bool> what) =>
        model.Where(p => p.Key / 32 == word && what(p.Value)).Aggregate(0u, (w, p) => w | 1u << (int)(p.Key & 31));
}
