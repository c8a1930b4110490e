using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Xunit;
using Xunit.Abstractions;
using SpinLock = Pocketvisor.Hypervisor.Memory.SpinLock;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// Cores that are threads, with the one lock of decision 0003 between them. The order in which they let go of it is a history; the reference model, taken through
/// the same history, must say of every step what its core was told.
/// </summary>
public sealed class ConcurrentCoresTests : IDisposable
{
    private const int StepsOfCore = 50_000, CheckEvery = 16, YieldEvery = 5;
    private const ulong Page = OwnershipHandset.Page, Lendable = OwnershipHandset.Hot + 20 * Page;

    [ThreadStatic]
    private static int t_ticket;

    private readonly ITestOutputHelper _output;
    private readonly Invariants _invariants;
    private readonly Harness _harness;
    private int _tickets;
    private Exception _failure;

    public ConcurrentCoresTests(ITestOutputHelper output)
    {
        _output = output;
        _harness = OwnershipHandset.Start();
        _invariants = new Invariants();
        SpinLock.Waits = true;
        SpinLock.AtExit = TakeTicket;
    }

    public void Dispose()
    {
        SpinLock.Waits = false;
        SpinLock.AtExit = () => { };
    }

    [Fact]
    public void AreOneHistory()
    {
        List<(int Ticket, Step Step, Outcome Outcome)>[] told = [.. Enumerable.Range(0, OwnershipHandset.Cores).Select(_ => new List<(int, Step, Outcome)>())];
        Thread[] cores = [.. told.Select((list, core) => new Thread(() => Run((uint)core, list)))];
        foreach (Thread core in cores) core.Start();
        foreach (Thread core in cores) core.Join();
        Assert.True(_failure is null, _failure?.ToString());

        int alternations = 0;
        uint last = 0;
        foreach (var (_, step, outcome) in told.SelectMany(list => list).OrderBy(entry => entry.Ticket))
        {
            if (step.Core != last) alternations++;
            last = step.Core;
            _harness.Compare(step, _harness.Expect(step), outcome);
        }
        FakeHandset.OnCore(0);
        _harness.CheckAll();
        _output.WriteLine($"{told.Sum(list => list.Count)} steps, {alternations} times another core, {_harness.Successes} calls granted, {_harness.Entries} times into a guest");
        Assert.True(_harness.Entries > StepsOfCore / 100 && _harness.Successes > StepsOfCore / 10, "the cores get nowhere");
    }

    private void Run(uint core, List<(int Ticket, Step Step, Outcome Outcome)> told)
    {
        try
        {
            FakeHandset.OnCore(core);
            Cpu.Here.Waits = static () => Thread.Yield();
            Random random = new((int)core);
            for (int i = 0; i < StepsOfCore && Volatile.Read(ref _failure) is null; i++)
            {
                Step step = Next(random, core);
                t_ticket = 0;
                Outcome outcome = Harness.Execute(step);
                if ((i & 7) == 0) Thread.Yield();
                if (t_ticket != 0) told.Add((t_ticket, step, outcome)); // else no trap: a guest's step, and the keeper runs
            }
        }
        catch (Exception e)
        {
            Fail(e);
            SpinLock.IsTaken = false; // the others need not wait for ever
        }
    }

    // Few places, and times in which VMs grow and run, and times in which they end: so that many lives come to theirs.
    private Step Next(Random random, uint core)
    {
        ulong vm = (ulong)random.Next(1, 3), vcpu = (ulong)random.Next(2), page = Lendable + (ulong)random.Next(6) * Page;
        if (_tickets / 256 % 4 == 0)
        {
            return random.Next(4) switch
            {
                0 => Step.Call(core, HvcFunction.VmDestroy, vm),
                1 => new Step(core, StepKind.GuestExit),
                _ => Step.Call(core, HvcFunction.VmReclaim, vm, Lendable + (ulong)random.Next(7) * Page, 1), // two may have been lent from the last
            };
        }
        return random.Next(16) switch
        {
            0 => Step.Call(core, HvcFunction.VmCreate, OwnershipHandset.Hot + (ulong)random.Next(3) * 5 * Page, 10, 2),
            < 3 => Step.Call(core, HvcFunction.VmLend, vm, page, OwnershipHandset.Guest + (ulong)random.Next(8) * Page, (ulong)random.Next(1, 3)),
            < 5 => Step.Call(core, HvcFunction.VcpuStart, vm, vcpu, OwnershipHandset.Guest, 0),
            < 9 => Step.Call(core, HvcFunction.VcpuRun, vm, vcpu, 0, (ulong)random.Next(2)),
            9 => Step.Call(core, HvcFunction.PageState, page),
            10 => new Step(core, StepKind.Hvc, 0xC400_0003, vcpu, OwnershipHandset.Guest), // CPU_ON of a guest, or of the keeper
            11 => Step.Call(core, HvcFunction.VcpuStop, vm, vcpu),
            < 14 => new Step(core, StepKind.GuestWait),
            _ => new Step(core, StepKind.GuestExit),
        };
    }

    // With the lock held: nobody changes anything just now.
    private void TakeTicket()
    {
        t_ticket = ++_tickets;
        if (t_ticket % YieldEvery == 0) Thread.Yield(); // so that others come, and wait
        if (t_ticket % CheckEvery != 0 || _failure is not null) return;
        try
        {
            _invariants.Check();
        }
        catch (InvalidOperationException e)
        {
            Fail(e);
        }
    }

    private void Fail(Exception e) => Interlocked.CompareExchange(ref _failure, e, null);
}
