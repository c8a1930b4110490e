using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Exits;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// One of the handset's cores and its loop: take interrupts, do what other cores ask, run a vCPU, or sleep. The run queue is
/// this core's alone, so the loop takes no lock; other cores leave messages and raise an interrupt.
/// </summary>
public sealed class Core
{
    /// <summary>A software-generated interrupt: look into the inbox, and count the exits of your vCPUs.</summary>
    public const uint MessageInterrupt = 0;

    /// <summary>The same for core 0: the supervisor has work.</summary>
    public const uint SupervisorInterrupt = 1;

    private const ulong QuantumMicroseconds = 5000, SupervisorSliceMicroseconds = 1000;

    private readonly RunQueue _queue;
    private readonly CoreMessage[] _inbox;
    private readonly Supervisor _supervisor; // null but for core 0
    private readonly ulong _supervisorSlice;
    private SpinLock _inboxLock;
    private int _inboxCount;
    private int _online, _samples;
    private ulong _timerAt = Schedulable.Never;

    public Core(int index, ulong mpidr, int maxVcpus, Supervisor supervisor)
    {
        Index = index;
        Mpidr = mpidr;
        ulong frequency = Cpu.CounterFrequency();
        _queue = new RunQueue(maxVcpus, frequency * QuantumMicroseconds / 1_000_000);
        _supervisorSlice = frequency * SupervisorSliceMicroseconds / 1_000_000;
        _inbox = new CoreMessage[2 * maxVcpus];
        _supervisor = supervisor;
    }

    public int Index { get; }

    public ulong Mpidr { get; }

    /// <summary>Sum of the weights of the vCPUs placed here; the supervisor's.</summary>
    public int Load { get; set; }

    /// <summary>It reached its loop.</summary>
    public bool IsOnline => Volatile.Read(ref _online) != 0;

    /// <summary>Grows each time it has sampled its vCPUs.</summary>
    public int Samples => Volatile.Read(ref _samples);

    /// <summary>Leaves a request and interrupts the core. Any core.</summary>
    public void Post(CoreRequest request, Vcpu vcpu)
    {
        _inboxLock.Enter();
        ref CoreMessage message = ref _inbox[_inboxCount];
        message.Request = request;
        message.Vcpu = vcpu;
        Volatile.Write(ref _inboxCount, _inboxCount + 1);
        _inboxLock.Exit();
        GicCpu.Send(MessageInterrupt, Mpidr);
    }

    /// <summary>Asks the core to sample its vCPUs. Any core.</summary>
    public void RequestSample() => GicCpu.Send(MessageInterrupt, Mpidr);

    /// <summary>The loop, on the core itself.</summary>
    public void Run()
    {
        GicDistributor.EnableCore(Index);
        GicCpu.Enable();
        Volatile.Write(ref _online, 1);
        while (true)
        {
            TakeInterrupts();
            if (Volatile.Read(ref _inboxCount) != 0) TakeMessages();
            ulong now = Cpu.Now, next = Schedulable.Never;
            if (_supervisor != null)
            {
                next = _supervisor.Poll(now);
                now = Cpu.Now;
                if (next <= now) next = now + _supervisorSlice; // more to do, but not all at once
            }
            var vcpu = (Vcpu)_queue.Pick(now);
            SetTimer(System.Math.Min(next, _queue.NextEvent(now)));
            if (vcpu != null) Run(vcpu, now);
            else if (_supervisor == null || !_supervisor.HasWork) Cpu.WaitForInterrupt();
        }
    }

    private void Run(Vcpu vcpu, ulong start)
    {
        ExitAction action;
        ulong deadline, waited = 0;
        bool alone = _queue.IsAlone;
        if (vcpu.WaitsForDisk) vcpu.WaitsForDisk = vcpu.Profile.Devices.AreDisksBusy;
        do action = ExitDispatch.RunOnce(vcpu, alone && !vcpu.WaitsForDisk, ref waited, out deadline);
        while (action == ExitAction.Resume && (_supervisor == null || !_supervisor.HasWork));

        ulong ran = Cpu.Now - start - waited;
        vcpu.AddTicks(ran);
        if (action == ExitAction.Sleep)
        {
            vcpu.Profile.Supervisor.FlashWatch?.Listen();
            _queue.Sleep(vcpu, deadline);
        }
        else if (action == ExitAction.TurnOff) _queue.TurnOff(vcpu);
        _queue.Charge(vcpu, ran);
    }

    private void TakeInterrupts()
    {
        for (uint interrupt; (interrupt = GicCpu.Acknowledge()) < GicCpu.FirstSpecial; GicCpu.End(interrupt))
        {
            switch (interrupt)
            {
                case GicCpu.TimerInterrupt:
                    Cpu.StopTimer();
                    _timerAt = Schedulable.Never;
                    break;
                case VmControl.DoorbellInterrupt:
                    WakeReady(Hypercall.TakeWakeups());
                    break;
                case MessageInterrupt:
                    Sample();
                    break;
                case SupervisorInterrupt:
                    break; // it made the loop go round
                case Panic.HaltInterrupt:
                    Cpu.Halt();
                    break;
                default:
                    _supervisor?.TakeDeviceInterrupt(interrupt);
                    break;
            }
        }
    }

    private void WakeReady(uint vms)
    {
        for (int i = 0; i < _queue.Count; i++)
            if ((vms >> ((Vcpu)_queue[i]).Profile.Vm & 1) != 0) _queue.Wake(_queue[i]);
    }

    /// <summary>Looks at its vCPUs. The core itself, while none of them runs.</summary>
    public void Sample()
    {
        for (int i = 0; i < _queue.Count; i++) ((Vcpu)_queue[i]).Sample();
        Volatile.Write(ref _samples, _samples + 1);
        Heartbeat.Beat();
    }

    private void TakeMessages()
    {
        _inboxLock.Enter();
        for (int i = 0; i < _inboxCount; i++)
        {
            Vcpu vcpu = _inbox[i].Vcpu;
            if (_inbox[i].Request == CoreRequest.Attach)
            {
                if (!_queue.TryAdd(vcpu)) Panic.Because("a core's queue has room for every vCPU"u8);
                _queue.Wake(vcpu); // whether it is on, the hypervisor knows
            }
            else
            {
                _queue.Remove(vcpu);
                vcpu.Profile.Detached();
            }
        }
        Volatile.Write(ref _inboxCount, 0);
        _inboxLock.Exit();
    }

    private void SetTimer(ulong at)
    {
        if (at == _timerAt) return;
        _timerAt = at;
        if (at == Schedulable.Never) Cpu.StopTimer();
        else Cpu.SetTimer(at);
    }
}
